package io.blendnet.storage.spi;

import io.blendnet.domain.TaskName;
import java.time.Instant;

/**
 * A line of a task's messages.
 *
 * @param work what the line is about, such as a lease; the key under which API v1 shows it
 * @param line without line end
 */
public record MessageRow(TaskName task, String work, Instant at, String line) {}
