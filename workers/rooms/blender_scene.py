"""Renders jobs with Blender's Cycles; runs as a program in an environment that has `bpy`.

`python blender_scene.py JOBS.json`: each job is a picture of some parts (rings or swept paths, see
`shapes.py`, already turned into points) under a named light. Prints one line per picture done.
It imports nothing of this package, so that its environment needs `bpy` alone (GPL: a tool, never a
dependency); `bpy` is imported inside functions, so that importing this module needs nothing.
"""

import importlib
import json
import math
import sys
import time
from pathlib import Path
from typing import Any

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
    "lamp": [(15, 65, 3.5, 0.8, 190, (1, 0.93, 0.83)), (-80, 15, 4.0, 3.0, 45, (0.9, 0.93, 1))],
}
WORLD = {"studio": 0.75, "warm": 0.4, "window": 0.42, "lamp": 0.4}


def setup(samples: int) -> None:
    """Prepare Cycles on the CPU, transparent film and denoising."""
    import bpy

    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.samples = samples
    scene.cycles.use_denoising = True
    scene.cycles.denoiser = "OPENIMAGEDENOISE"
    # The thorough denoiser costs more than the picture itself, and looks the same at this size.
    scene.cycles.denoising_quality = "FAST"
    scene.cycles.denoising_prefilter = "FAST"
    scene.cycles.max_bounces = 6
    scene.cycles.transparent_max_bounces = 6
    scene.cycles.caustics_reflective = False
    scene.cycles.caustics_refractive = False
    scene.render.film_transparent = True
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA"
    scene.view_settings.view_transform = "Standard"
    scene.render.use_persistent_data = False


def clear() -> None:
    """Remove everything that the last job made."""
    import bpy

    data = bpy.data
    for group in (data.objects, data.meshes, data.curves, data.materials, data.images, data.lights):
        for thing in list(group):
            group.remove(thing)
    for group in (data.cameras, data.worlds):
        for thing in list(group):
            group.remove(thing)


def material(spec: Json) -> Any:
    """Return a material made from colour, texture, roughness, metal, coat and bump."""
    import bpy

    made = bpy.data.materials.new("part")
    made.use_nodes = True
    nodes, links = made.node_tree.nodes, made.node_tree.links
    shader = nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*linear(spec.get("color", "#ffffff")), 1)
    shader.inputs["Roughness"].default_value = spec.get("rough", 0.4)
    shader.inputs["Metallic"].default_value = spec.get("metal", 0.0)
    shader.inputs["Coat Weight"].default_value = spec.get("coat", 0.0)
    shader.inputs["Transmission Weight"].default_value = spec.get("transmission", 0.0)
    if "glow" in spec:
        shader.inputs["Emission Color"].default_value = (*linear(spec["color"]), 1)
        shader.inputs["Emission Strength"].default_value = spec["glow"]
    if "texture" in spec:
        picture = nodes.new("ShaderNodeTexImage")
        picture.image = bpy.data.images.load(spec["texture"])
        picture.extension = "EXTEND"
        links.new(picture.outputs["Color"], shader.inputs["Base Color"])
    if spec.get("bump"):
        noise = nodes.new("ShaderNodeTexNoise")
        noise.inputs["Scale"].default_value = spec.get("bump_scale", 4.0)
        bump = nodes.new("ShaderNodeBump")
        bump.inputs["Strength"].default_value = spec["bump"]
        links.new(noise.outputs["Fac"], bump.inputs["Height"])
        links.new(bump.outputs["Normal"], shader.inputs["Normal"])
    return made


def linear(colour: str) -> tuple[float, float, float]:
    """Return an sRGB colour such as `#ff8800` as linear light."""
    values = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)
    return red, green, blue


def rings_mesh(part: Json) -> Any:
    """Return a mesh from rings of points, with the label's coordinates on every face."""
    import bpy

    rings: list[list[list[float]]] = part["rings"]
    count = len(rings[0])
    points = [point for ring in rings for point in ring]
    heights = part["v"]
    faces: list[list[int]] = []
    texture: list[tuple[float, float]] = []
    for row in range(len(rings) - 1):
        for step in range(count):
            after = (step + 1) % count
            low, high = row * count, (row + 1) * count
            faces.append([low + step, low + after, high + after, high + step])
            u0, u1 = step / count, (step + 1) / count
            texture += [(u0, heights[row]), (u1, heights[row])]
            texture += [(u1, heights[row + 1]), (u0, heights[row + 1])]
    if part["capped"]:
        last = (len(rings) - 1) * count
        faces += [list(range(count))[::-1], [last + step for step in range(count)]]
        # The lids take the colour of the label's edges, which are plain there.
        texture += [(0.35, 0.004)] * count + [(0.35, 0.996)] * count
    mesh = bpy.data.meshes.new("part")
    mesh.from_pydata(points, [], faces)
    layer = mesh.uv_layers.new(name="label")
    for loop, pair in zip(layer.data, texture, strict=True):
        loop.uv = pair
    mesh.polygons.foreach_set("use_smooth", [True] * len(mesh.polygons))
    mesh.set_sharp_from_angle(angle=math.radians(35))
    mesh.update()
    return mesh


def swept_curve(part: Json) -> Any:
    """Return a round tube along a path."""
    import bpy

    curve = bpy.data.curves.new("part", "CURVE")
    curve.dimensions = "3D"
    curve.bevel_depth = part["radius"]
    curve.bevel_resolution = 6
    curve.use_fill_caps = True
    line = curve.splines.new("POLY")
    line.points.add(len(part["path"]) - 1)
    for point, place in zip(line.points, part["path"], strict=True):
        point.co = (*place, 1)
    line.use_smooth = True
    return curve


def build(parts: list[Json]) -> list[Any]:
    """Make every part and return the objects."""
    import bpy

    objects = []
    for part in parts:
        data = rings_mesh(part) if part.get("rings") else swept_curve(part)
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


def light(name: str, target: Any, strength: float) -> None:
    """Hang the lamps of a named light around a target."""
    import bpy
    from mathutils import Vector

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
        aim(holder, Vector(target) + Vector(on_sphere(azimuth, elevation, distance)), target)


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
    objects = build(job["parts"])
    pose(objects, view)
    target = fit_camera(objects, view)
    light(view["light"], target, view.get("strength", 1.0))
    out = Path(job["out"])
    # Written beside and renamed, so that a stop never leaves half a picture under the final name.
    part = out.with_name(out.stem + "-part.png")
    scene.render.filepath = str(part)
    bpy.ops.render.render(write_still=True)
    part.rename(out)


def main(jobs_path: str) -> None:
    """Render every job of a file."""
    jobs = json.loads(Path(jobs_path).read_text(encoding="utf-8"))
    setup(16)
    for index, job in enumerate(jobs):
        started = time.monotonic()
        render(job)
        taken_s = time.monotonic() - started
        sys.stdout.write(f"done {index + 1}/{len(jobs)} {Path(job['out']).name} {taken_s:.1f} s\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
