package io.blendnet.storage.spi;

import io.blendnet.domain.BlobId;
import io.blendnet.domain.TaskName;

/**
 * A file of a task.
 *
 * @param path as API v1 names it, unique within its task
 */
public record FileRow(TaskName task, String path, BlobId blob) {}
