package io.blendnet.protocol;

import java.time.Instant;

/**
 * A stored content as API v1 shows it.
 *
 * @param id SHA-1, lower-case hex
 * @param size bytes
 */
public record BlobInfo(String id, long size, Instant createTime, Instant accessTime) {}
