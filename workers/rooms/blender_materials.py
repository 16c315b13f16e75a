"""Blender materials from specs: paper, plastic, glass, cloth, wood; see `materials.py`.

Runs in an environment that has `bpy`, which is imported inside functions only.
"""

from typing import Any

Json = dict[str, Any]


def material(spec: Json) -> Any:
    """Return a material made from colour, texture, roughness, metal, coat, bump and the like."""
    import bpy

    made = bpy.data.materials.new("part")
    made.use_nodes = True
    nodes, links = made.node_tree.nodes, made.node_tree.links
    shader = nodes["Principled BSDF"]
    colour = (*linear(spec.get("color", "#ffffff")), 1)
    shader.inputs["Base Color"].default_value = colour
    for name, key, usual in (
        ("Roughness", "rough", 0.4), ("Metallic", "metal", 0.0), ("Coat Weight", "coat", 0.0),
        ("Sheen Weight", "sheen", 0.0), ("Subsurface Weight", "subsurface", 0.0),
    ):  # fmt: skip
        shader.inputs[name].default_value = spec.get(key, usual)
    if "glow" in spec:
        shader.inputs["Emission Color"].default_value = colour
        shader.inputs["Emission Strength"].default_value = spec["glow"]
    if "texture" in spec:
        picture = nodes.new("ShaderNodeTexImage")
        picture.image = bpy.data.images.load(spec["texture"])
        picture.extension = "EXTEND"
        links.new(picture.outputs["Color"], shader.inputs["Base Color"])
    if "grain" in spec:
        wood(made.node_tree, shader, spec)
    bumps(made.node_tree, shader, spec)
    if "glass" in spec:
        glass(made.node_tree, spec)
    return made


def wood(tree: Any, shader: Any, spec: Json) -> None:
    """Streaks of a second colour along the grain."""
    noise = tree.nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value = 3.0
    noise.inputs["Detail"].default_value = 6.0
    stretch = tree.nodes.new("ShaderNodeMapping")
    # Generated coordinates of a converted sheet: x across, z up, so z is stretched.
    stretch.inputs["Scale"].default_value = (6.0, 1.0, 0.5)
    place = tree.nodes.new("ShaderNodeTexCoord")
    tree.links.new(place.outputs["Object"], stretch.inputs["Vector"])
    tree.links.new(stretch.outputs["Vector"], noise.inputs["Vector"])
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    ramp.color_ramp.elements[0].position = 0.35
    ramp.color_ramp.elements[0].color = (*linear(spec["grain"]), 1)
    ramp.color_ramp.elements[1].position = 0.62
    ramp.color_ramp.elements[1].color = (*linear(spec["color"]), 1)
    tree.links.new(noise.outputs["Fac"], ramp.inputs["Fac"])
    tree.links.new(ramp.outputs["Color"], shader.inputs["Base Color"])


def bumps(tree: Any, shader: Any, spec: Json) -> None:
    """Slow dents of bags and cloth, and the fine ones of a weave."""
    normal = None
    for key, scale in (("bump", spec.get("bump_scale", 4.0)), ("weave", 90.0)):
        if not spec.get(key):
            continue
        noise = tree.nodes.new("ShaderNodeTexNoise")
        noise.inputs["Scale"].default_value = scale
        bump = tree.nodes.new("ShaderNodeBump")
        bump.inputs["Strength"].default_value = spec[key]
        bump.inputs["Distance"].default_value = 1.0 if key == "bump" else 0.1
        tree.links.new(noise.outputs["Fac"], bump.inputs["Height"])
        if normal is not None:
            tree.links.new(normal, bump.inputs["Normal"])
        normal = bump.outputs["Normal"]
    if normal is not None:
        tree.links.new(normal, shader.inputs["Normal"])


def glass(tree: Any, spec: Json) -> None:
    """Thin glass without refraction: clear in the middle, mirroring where it is seen edge on."""
    clear_part = tree.nodes.new("ShaderNodeBsdfTransparent")
    clear_part.inputs["Color"].default_value = (*linear(spec["color"]), 1)
    mirror = tree.nodes.new("ShaderNodeBsdfGlossy")
    mirror.inputs["Roughness"].default_value = 0.06
    # By angle alone: Fresnel's law would make the far wall, seen from inside, a black mirror.
    facing = tree.nodes.new("ShaderNodeLayerWeight")
    facing.inputs["Blend"].default_value = 0.2
    both = tree.nodes.new("ShaderNodeMixShader")
    tree.links.new(facing.outputs["Facing"], both.inputs["Fac"])
    tree.links.new(clear_part.outputs["BSDF"], both.inputs[1])
    tree.links.new(mirror.outputs["BSDF"], both.inputs[2])
    tree.links.new(both.outputs["Shader"], tree.nodes["Material Output"].inputs["Surface"])


def linear(colour: str) -> tuple[float, float, float]:
    """Return an sRGB colour such as `#ff8800` as linear light."""
    values = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)
    return red, green, blue
