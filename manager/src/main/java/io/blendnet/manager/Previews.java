package io.blendnet.manager;

import io.blendnet.domain.TaskName;
import io.blendnet.protocol.FileChecksum;
import io.blendnet.server.ResultFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pictures of frames in the making, made when somebody asks for them: asking for the current one
 * starts the making of the next, so that polling costs no waiting. Thread-safe.
 */
final class Previews {
  private static final Logger LOG = LoggerFactory.getLogger(Previews.class);

  /** Whoever polls a task's status does not want a picture at every look. */
  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(5);

  /** Nor shall pictures take more than a hundredth of the time from those who render beside us. */
  private static final int PAUSE_FOR_EACH_SECOND = 100;

  /**
   * A picture.
   *
   * @param next when another may be made for those who only poll
   */
  private record Made(ResultFile picture, long folded, Instant next) {}

  private final Frames frames;
  private final InstantSource clock;
  private final Map<TaskName, Made> made = new ConcurrentHashMap<>();
  private final Set<TaskName> inTheMaking = ConcurrentHashMap.newKeySet();

  Previews(Frames frames, InstantSource clock) {
    this.frames = frames;
    this.clock = clock;
  }

  /** The latest picture there is; empty until the first was made. */
  Optional<ResultFile> current(TaskName task) {
    Made latest = made.get(task);
    long folded = frames.folded(task);
    if (folded > 0 && isOld(latest, folded) && inTheMaking.add(task)) {
      Thread.ofVirtual().name("preview-" + task).start(() -> makeQuietly(task));
    }
    return Optional.ofNullable(latest).map(Made::picture);
  }

  private boolean isOld(@Nullable Made latest, long folded) {
    return latest == null || (latest.folded != folded && latest.next.isBefore(clock.instant()));
  }

  /** A picture of what is there now. */
  Optional<ResultFile> newest(TaskName task) throws IOException {
    Made latest = made.get(task);
    long folded = frames.folded(task);
    if (latest != null && latest.folded == folded) {
      return Optional.of(latest.picture);
    }
    return make(task);
  }

  /** Forgets a task that has ended. */
  void forget(TaskName task) {
    Made latest = made.remove(task);
    if (latest != null) {
      delete(latest);
    }
  }

  private Optional<ResultFile> make(TaskName task) throws IOException {
    Instant begin = clock.instant();
    long folded = frames.folded(task);
    Optional<Path> file = folded == 0 ? Optional.empty() : frames.preview(task);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    ResultFile picture =
        ResultFile.withSha1(
            file.get(), Files.size(file.get()), FileChecksum.SHA_1.of(file.get()), "image/png");
    Made before = made.put(task, new Made(picture, folded, next(begin)));
    if (before != null) {
      delete(before);
    }
    if (frames.folded(task) == 0) {
      forget(task); // it has ended meanwhile
    }
    return Optional.of(picture);
  }

  private Instant next(Instant begin) {
    Instant end = clock.instant();
    Duration pause = Duration.between(begin, end).multipliedBy(PAUSE_FOR_EACH_SECOND);
    return end.plus(pause.compareTo(SHORTEST_PAUSE) > 0 ? pause : SHORTEST_PAUSE);
  }

  private void makeQuietly(TaskName task) {
    try {
      var _ = make(task);
    } catch (IOException e) {
      LOG.warn("Task {}: no preview: {}", task, Reason.of(e));
    } finally {
      inTheMaking.remove(task);
    }
  }

  private static void delete(Made old) {
    try {
      Files.deleteIfExists(old.picture.file());
    } catch (IOException e) {
      LOG.warn("A preview stays behind: {}", Reason.of(e));
    }
  }
}
