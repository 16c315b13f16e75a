"""Blender meshes from parts: stacked rings, cut sheets, swept tubes, with the label's coordinates.

Runs in an environment that has `bpy`, which is imported inside functions only.
"""

import math
from typing import Any

Json = dict[str, Any]


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


def sheet_mesh(part: Json) -> Any:
    """Return a thick sheet with rounded edges, cut along an outline; the label covers its front."""
    import bpy

    curve = bpy.data.curves.new("part", "CURVE")
    curve.dimensions, curve.fill_mode = "2D", "BOTH"
    # Rounding goes outwards, so the outline is drawn in by as much.
    curve.bevel_depth, curve.offset = part["radius"], -part["radius"]
    curve.bevel_resolution = 5
    curve.extrude = max(0.0005, part["thick"] / 2 - part["radius"])
    for outline in (part["sheet"], part.get("hole") or ()):
        if outline:
            line = curve.splines.new("POLY")
            line.points.add(len(outline) - 1)
            for point, (x, z) in zip(line.points, outline, strict=True):
                point.co = (x, z, 0, 1)
            line.use_cyclic_u = True
    holder = bpy.data.objects.new("part", curve)
    mesh = bpy.data.meshes.new_from_object(holder)
    bpy.data.objects.remove(holder)
    # The curve lies flat; the sheet stands and faces the viewer.
    for vertex in mesh.vertices:
        x, z, depth = vertex.co
        vertex.co = (x, -depth, z)
    xs, zs = zip(*part["sheet"], strict=True)
    left, low, wide, high = min(xs), min(zs), max(xs) - min(xs), max(zs) - min(zs)
    # Curves bring coordinates of their own, which would win.
    for layer in list(mesh.uv_layers):
        mesh.uv_layers.remove(layer)
    layer = mesh.uv_layers.new(name="label")
    for loop, corner in zip(mesh.loops, layer.data, strict=True):
        place = mesh.vertices[loop.vertex_index].co
        corner.uv = ((place.x - left) / wide, (place.z - low) / high)
    mesh.polygons.foreach_set("use_smooth", [True] * len(mesh.polygons))
    mesh.set_sharp_from_angle(angle=math.radians(50))
    mesh.update()
    return mesh


def shaped(part: Json) -> Any:
    """Return the mesh or curve of a part."""
    if part.get("sheet"):
        return sheet_mesh(part)
    return rings_mesh(part) if part.get("rings") else swept_curve(part)
