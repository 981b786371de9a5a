package io.blendnet.protocol;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What {@code GET task/{name}/status} says: the task info (its members stand beside the others in
 * JSON) and how far the frame is.
 *
 * @param project path of the .blend as configured
 * @param samples samples a pixel, once known
 * @param seed seed instead of the scene's own, where one is configured
 * @param samplesDone stored share of the frame times {@code samples}, rounded down
 * @param remaining expected time until the picture is there
 * @param composeFilepath where the submitter wants the picture; kept verbatim
 * @param startTimeActual when an agent first worked on it
 * @param samplesPerWorkload samples a pixel of the latest lease
 * @param progress what the farm is doing about it
 */
public record TaskStatus(
    @JsonUnwrapped TaskInfo task,
    Optional<String> project,
    Optional<Integer> samples,
    Optional<Integer> seed,
    int samplesDone,
    Optional<Duration> remaining,
    TaskResults result,
    Optional<String> composeFilepath,
    Optional<Instant> startTimeActual,
    Optional<Integer> samplesPerWorkload,
    TaskProgress progress) {}
