package io.blendnet.blender;

import java.nio.file.Path;

/**
 * A file of the final picture.
 *
 * @param path absolute, inside the request's output folder
 * @param contentType such as {@code image/png}
 */
public record ComposedFileOnDisk(Path path, String contentType) {}
