package io.blendnet.domain;

import java.time.Duration;
import java.util.Optional;

/**
 * Progress of an active task, as others may see it.
 *
 * @param done stored share of the frame, 0 to 1
 * @param cellsStored cells whose results are stored
 * @param cellsLeased cells that agents have
 * @param remaining estimated time until all cells are stored, where a speed is known
 * @param latestCellSamples length of the latest leased sample range; 0 before there is one
 * @param priority agents go to the highest first
 * @param paused whether no agent begins anything of it
 * @param waiting why nothing is being done; empty while something is
 */
public record TaskView(
    TaskName name,
    TaskState state,
    double done,
    int cellsStored,
    int cellsLeased,
    Optional<Duration> remaining,
    int latestCellSamples,
    Optional<FrameCut> cut,
    int priority,
    boolean paused,
    String waiting) {}
