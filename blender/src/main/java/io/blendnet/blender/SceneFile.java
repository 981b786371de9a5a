package io.blendnet.blender;

/**
 * A file that a scene needs.
 *
 * @param path absolute, as text: a scene may name files that this computer cannot even spell
 * @param kind what it is to the scene: {@code image}, {@code library}, {@code font}, ...
 * @param exists whether it is there
 * @param packed whether the .blend carries it, so that the file itself is not needed
 * @param neededBy which data-block asks for it
 */
public record SceneFile(
    String path, String kind, boolean exists, boolean packed, String neededBy) {}
