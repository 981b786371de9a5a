package io.blendnet.protocol;

/**
 * One composed file of a task: the picture, or what a File Output node wrote.
 *
 * @param path relative, with {@code /}, as Blender named it
 * @param id SHA-1 of its content, lower-case hex
 * @param size bytes
 */
public record OutputInfo(String path, String contentType, String id, long size) {}
