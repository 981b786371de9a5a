package io.blendnet.blender;

/**
 * Memory of this computer, or of the container that we are in, in bytes.
 *
 * @param total all of it
 * @param available what programs can still take without swapping
 */
public record HostMemory(long total, long available) {}
