package io.blendnet.server;

import java.nio.file.Path;

/**
 * A file to be sent. It must stay as it is until it is sent; on Linux it may be deleted meanwhile.
 *
 * @param file where it lies
 * @param size bytes
 * @param sha1 of its content, lower-case hex
 * @param contentType such as {@code image/png}
 */
public record ResultFile(Path file, long size, String sha1, String contentType) {}
