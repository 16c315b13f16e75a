"""Renders jobs with Blender's Cycles; runs as a program in an environment that has `bpy`.

`python -m workers.rooms.blender_scene JOBS.json [cpu|gpu]`, run above the package: each job is a
picture of some parts (rings, swept paths, cut sheets; see `solids.py`) under a named light. Prints
one line per picture done.
Its environment needs `bpy` alone (GPL: a tool, never a dependency); `bpy` is imported inside
functions, so that importing this module needs nothing.
"""

import importlib
import json
import math
import sys
import time
from pathlib import Path
from typing import Any

from workers.rooms.blender_materials import material
from workers.rooms.blender_meshes import shaped

Json = dict[str, Any]

LIGHTS: dict[str, list[tuple[float, float, float, float, float, tuple[float, float, float]]]] = {
    # azimuth and elevation in degrees from the front, distance, side length, watts, colour
    "studio": [
        (-50, 40, 4.0, 2.5, 150, (1, 1, 1)),
        (60, 25, 4.0, 3.0, 75, (1, 1, 1)),
        (170, 60, 4.0, 2.0, 110, (1, 1, 1)),
    ],
    "warm": [(-70, 50, 4.0, 1.2, 190, (1, 0.86, 0.7)), (50, 20, 4.0, 3.0, 45, (1, 0.92, 0.82))],
    "window": [(75, 30, 3.5, 2.2, 190, (0.9, 0.95, 1)), (-60, 10, 4.0, 3.0, 40, (1, 0.95, 0.9))],
    "shop": [
        (-30, 70, 4.0, 3.0, 120, (1, 0.98, 0.94)),
        (40, 65, 4.0, 3.0, 120, (1, 0.98, 0.94)),
        (0, 5, 4.5, 2.0, 30, (1, 1, 1)),
    ],
    "ring": [(0, 12, 4.0, 1.6, 130, (1, 0.99, 0.97)), (180, 50, 4.0, 2.5, 80, (0.9, 0.95, 1))],
    "evening": [
        (-85, 25, 3.5, 1.0, 170, (1, 0.74, 0.5)),
        (70, 30, 4.0, 2.5, 60, (0.75, 0.85, 1)),
    ],
    "lamp": [(15, 65, 3.5, 0.8, 190, (1, 0.93, 0.83)), (-80, 15, 4.0, 3.0, 45, (0.9, 0.93, 1))],
}
WORLD = {
    "studio": 0.75, "warm": 0.4, "window": 0.42, "lamp": 0.4, "shop": 0.55, "ring": 0.4,
    "evening": 0.5,
}  # fmt: skip


def setup(samples: int, device: str = "cpu") -> str:
    """Prepare Cycles, transparent film and denoising; return the device that will be used."""
    import bpy

    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    used = use_gpu() if device == "gpu" else ""
    scene.cycles.device = "GPU" if used else "CPU"
    scene.cycles.samples = samples
    scene.cycles.use_denoising = True
    scene.cycles.denoiser = "OPENIMAGEDENOISE"
    # The thorough denoiser costs more than the picture itself, and looks the same at this size.
    scene.cycles.denoising_quality = "FAST"
    scene.cycles.denoising_prefilter = "FAST"
    scene.cycles.max_bounces = 4
    scene.cycles.diffuse_bounces = 2
    scene.cycles.glossy_bounces = 2
    scene.cycles.transparent_max_bounces = 8
    scene.cycles.caustics_reflective = False
    scene.cycles.caustics_refractive = False
    scene.render.film_transparent = True
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA"
    scene.view_settings.view_transform = "Standard"
    scene.render.use_persistent_data = False
    return used or "CPU"


def use_gpu() -> str:
    """Let Cycles render on the first kind of GPU that Blender finds; return its name or nothing."""
    import bpy

    preferences = bpy.context.preferences.addons["cycles"].preferences
    for kind in ("OPTIX", "CUDA", "HIP", "ONEAPI", "METAL"):
        try:
            preferences.compute_device_type = kind
        except TypeError:
            # Blender was built without this kind.
            continue
        preferences.get_devices()
        found = [device for device in preferences.devices if device.type == kind]
        for device in preferences.devices:
            device.use = device.type == kind
        if found:
            return f"{kind} {found[0].name}"
    return ""


def clear() -> None:
    """Remove everything that the last job made."""
    import bpy

    data = bpy.data
    for group in (
        data.objects, data.meshes, data.curves, data.materials, data.images, data.lights,
        data.cameras, data.worlds,
    ):  # fmt: skip
        for thing in list(group):
            group.remove(thing)


def build(parts: list[Json]) -> list[Any]:
    """Make every part and return the objects."""
    import bpy

    objects = []
    for part in parts:
        data = shaped(part)
        data.materials.clear()
        data.materials.append(material(part["material"]))
        thing = bpy.data.objects.new("part", data)
        thing.location = part.get("at", (0, 0, 0))
        thing.rotation_euler = [math.radians(angle) for angle in part.get("turn", (0, 0, 0))]
        bpy.context.collection.objects.link(thing)
        objects.append(thing)
    return objects


def on_sphere(azimuth: float, elevation: float, distance: float) -> tuple[float, float, float]:
    """Return a place at a distance; azimuth 0 is the front (-y), positive to the right."""
    turn, up = math.radians(azimuth), math.radians(elevation)
    flat = distance * math.cos(up)
    return flat * math.sin(turn), -flat * math.cos(turn), distance * math.sin(up)


def aim(thing: Any, at: Any, target: Any) -> None:
    """Put a camera or lamp somewhere and let it look at a target."""
    from mathutils import Vector

    thing.location = at
    thing.rotation_euler = (Vector(target) - Vector(at)).to_track_quat("-Z", "Y").to_euler()


def light(view: Json, target: Any) -> None:
    """Hang the lamps of a view's named light around a target."""
    import bpy
    from mathutils import Vector

    name, strength = view["light"], view.get("strength", 1.0)
    world = bpy.data.worlds.new("world")
    world.use_nodes = True
    background = world.node_tree.nodes["Background"]
    background.inputs["Strength"].default_value = WORLD[name] * strength
    bpy.context.scene.world = world
    for azimuth, elevation, distance, side, watts, colour in LIGHTS[name]:
        lamp = bpy.data.lights.new("lamp", "AREA")
        lamp.energy, lamp.size, lamp.color = watts * strength, side, colour
        holder = bpy.data.objects.new("lamp", lamp)
        bpy.context.collection.objects.link(holder)
        around = azimuth + view.get("light_turn", 0.0)
        aim(holder, Vector(target) + Vector(on_sphere(around, elevation, distance)), target)


def fit_camera(objects: list[Any], view: Json) -> Any:
    """Place the camera so that the objects fill the wanted share of the picture; return its aim."""
    import bpy
    from mathutils import Vector

    project = importlib.import_module("bpy_extras.object_utils").world_to_camera_view
    camera = bpy.data.cameras.new("camera")
    camera.lens = view.get("lens_mm", 80)
    holder = bpy.data.objects.new("camera", camera)
    bpy.context.collection.objects.link(holder)
    scene = bpy.context.scene
    scene.camera = holder
    if "camera" in view:
        aim(holder, view["camera"], view["target"])
        return Vector(view["target"])
    bpy.context.view_layer.update()
    places = [
        thing.matrix_world @ Vector(corner) for thing in objects for corner in thing.bound_box
    ]
    low, high = (Vector([pick(axis) for axis in zip(*places, strict=True)]) for pick in (min, max))
    centre, distance = (low + high) / 2, 6.0
    for _ in range(6):
        aim(holder, centre + Vector(on_sphere(0, view["elevation"], distance)), centre)
        bpy.context.view_layer.update()
        seen = [project(scene, holder, place) for place in places]
        xs, ys = [place.x for place in seen], [place.y for place in seen]
        span = max(max(xs) - min(xs), max(ys) - min(ys))
        camera.shift_x += (max(xs) + min(xs)) / 2 - 0.5
        camera.shift_y += (max(ys) + min(ys)) / 2 - 0.5
        distance *= span / view.get("fill", 0.86)
    return centre


def pose(objects: list[Any], view: Json) -> None:
    """Turn and tilt the whole product: yaw about its axis, then pitch to the viewer, then roll."""
    import bpy

    root = bpy.data.objects.new("root", None)
    bpy.context.collection.objects.link(root)
    for thing in objects:
        thing.parent = root
    angles = (view.get("pitch", 0), view.get("roll", 0), view.get("yaw", 0))
    # XYZ order turns about z last; yaw must come first, so the order is reversed.
    root.rotation_mode = "ZYX"
    root.rotation_euler = [math.radians(angle) for angle in angles]


def render(job: Json) -> None:
    """Render one job to its file."""
    import bpy

    clear()
    scene, view = bpy.context.scene, job["view"]
    scene.cycles.samples = job["samples"]
    scene.cycles.seed = job.get("seed", 0)
    scene.render.resolution_x, scene.render.resolution_y = job["size"]
    scene.render.film_transparent = job.get("transparent", True)
    parts = job["parts"]
    if isinstance(parts, str):
        parts = json.loads(Path(parts).read_text(encoding="utf-8"))
    objects = build(parts)
    pose(objects, view)
    target = fit_camera(objects, view)
    light(view, target)
    out = Path(job["out"])
    # Written beside and renamed, so that a stop never leaves half a picture under the final name.
    part = out.with_name(out.stem + "-part.png")
    scene.render.filepath = str(part)
    bpy.ops.render.render(write_still=True)
    part.rename(out)


def main(jobs_path: str, device: str) -> None:
    """Render every job of a file."""
    jobs = json.loads(Path(jobs_path).read_text(encoding="utf-8"))
    sys.stdout.write(f"device {setup(16, device)}\n")
    for index, job in enumerate(jobs):
        started = time.monotonic()
        render(job)
        taken_s = time.monotonic() - started
        sys.stdout.write(f"done {index + 1}/{len(jobs)} {taken_s:.2f} {job['out']}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "cpu")
