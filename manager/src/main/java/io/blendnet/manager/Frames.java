package io.blendnet.manager;

import io.blendnet.domain.BlobId;
import io.blendnet.domain.Cell;
import io.blendnet.domain.FramePlan;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.Tile;
import io.blendnet.exr.Compression;
import io.blendnet.exr.ExrFormatException;
import io.blendnet.exr.FrameAssembly;
import io.blendnet.security.PrivateFiles;
import io.blendnet.storage.spi.Blob;
import io.blendnet.storage.spi.BlobStore;
import java.awt.image.BufferedImage;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import javax.imageio.ImageIO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The scratch frames of active tasks: stored cells are folded in as they come, and at the end the
 * assembled frame is written from them. A scratch frame survives nothing; it is made again from the
 * stored deliveries. Thread-safe: each frame has a queue of its own.
 */
final class Frames implements Closeable {
  /** What became of an assembly. */
  interface Outcome {
    void assembled(Blob render, Blob preview);

    /** These cells' results cannot be used. */
    void bad(List<Cell> cells, String message);

    void failed(IOException cause);
  }

  private static final Logger LOG = LoggerFactory.getLogger(Frames.class);

  /** Longest side of {@code preview} in pixels; a picture to look at, not the result. */
  private static final int PREVIEW_SIDE = 1_920;

  private final class Frame {
    final TaskName task;
    final Path folder;
    final FrameAssembly assembly;
    final ExecutorService queue =
        Executors.newSingleThreadExecutor(Thread.ofVirtual().name("frame-", 0).factory());
    final List<Cell> bad = new ArrayList<>();
    final AtomicLong folded = new AtomicLong();
    String badMessage = "";

    /** Why the scratch file cannot be used any more: its disk is full, say. */
    volatile Optional<IOException> broken = Optional.empty();

    Frame(TaskName task, Path folder, FrameAssembly assembly) {
      this.task = task;
      this.folder = folder;
      this.assembly = assembly;
    }

    void fold(Cell cell, Tile rendered, BlobId blob) {
      try {
        assembly.add(cell, rendered, blobs.file(blob));
        folded.incrementAndGet();
      } catch (ExrFormatException | NoSuchFileException e) {
        LOG.warn("Task {}: the result of cell {} cannot be used: {}", task, cell, Reason.of(e));
        bad.add(cell);
        badMessage = "The result of cell %s cannot be used: %s".formatted(cell, Reason.of(e));
      } catch (IOException e) {
        breaks(e);
      } catch (RuntimeException e) {
        LOG.error("Task {}: cell {} cannot be folded in", task, cell, e);
        breaks(new IOException("A cell cannot be folded in: " + Reason.of(e), e));
      }
    }

    private void breaks(IOException cause) {
      if (broken.isEmpty()) {
        broken = Optional.of(cause);
        onBroken.accept(task, cause);
      }
    }

    void finish(Outcome outcome) {
      if (broken.isPresent()) {
        return; // told already
      }
      if (!bad.isEmpty()) {
        outcome.bad(List.copyOf(bad), badMessage);
        bad.clear();
        return;
      }
      Path target = scratch.resolve(folder.getFileName() + ".exr");
      try {
        assembly.write(target, Compression.ZIP);
        Blob render = blobs.adopt(target);
        outcome.assembled(render, blobs.adopt(preview()));
      } catch (IOException e) {
        outcome.failed(e);
      } catch (RuntimeException e) {
        LOG.error("Task {} cannot be assembled", task, e);
        outcome.failed(new IOException("the frame could not be assembled: " + Reason.of(e), e));
      } finally {
        deleteQuietly(target);
      }
    }

    void lastPreview(Consumer<Blob> taker) {
      if (broken.isPresent() || folded.get() == 0) {
        return;
      }
      try {
        taker.accept(blobs.adopt(preview()));
      } catch (IOException e) {
        LOG.warn("Task {}: no preview: {}", task, Reason.of(e));
      }
    }

    Path preview() throws IOException {
      BufferedImage image = assembly.preview(PREVIEW_SIDE);
      Path file = Files.createTempFile(scratch, "preview", ".png");
      if (!ImageIO.write(image, "png", file.toFile())) {
        throw new IOException("This Java runtime cannot write PNG");
      }
      return file;
    }
  }

  private final Path scratch;
  private final BlobStore blobs;
  private final Map<TaskName, Frame> frames = new ConcurrentHashMap<>();

  private volatile BiConsumer<TaskName, IOException> onBroken =
      (task, cause) -> LOG.error("Task {}: its scratch frame broke", task, cause);

  /**
   * @param scratch an own folder on the blob store's file system; what lies in it is swept
   */
  Frames(Path scratch, BlobStore blobs) throws IOException {
    this.scratch = scratch;
    this.blobs = blobs;
    sweep();
  }

  private void sweep() throws IOException {
    PrivateFiles.createFolder(scratch);
    try (var left = Files.walk(scratch)) {
      for (Path path : left.sorted((one, other) -> other.compareTo(one)).toList()) {
        if (!path.equals(scratch)) {
          Files.deleteIfExists(path);
        }
      }
    }
  }

  /** Begins a frame, anew where there is one already. That it cannot is told to the listener. */
  void begin(TaskName task, FramePlan plan) {
    end(task);
    try {
      Path folder = Files.createTempDirectory(scratch, "frame-");
      FrameAssembly assembly =
          FrameAssembly.create(folder, plan.cut().size(), plan.facts().addedPasses());
      frames.put(task, new Frame(task, folder, assembly));
    } catch (IOException e) {
      onBroken.accept(task, e);
    }
  }

  /** Who is told that a scratch frame cannot be used any more: its disk is full, say. */
  void onBroken(BiConsumer<TaskName, IOException> listener) {
    onBroken = listener;
  }

  /** Queues the making of a last preview, behind the cells; nothing comes where there are none. */
  void lastPreview(TaskName task, Consumer<Blob> taker) {
    find(task).ifPresent(frame -> frame.queue.execute(() -> frame.lastPreview(taker)));
  }

  /** Queues a stored cell. */
  void fold(TaskName task, Cell cell, Tile rendered, BlobId blob) {
    find(task).ifPresent(frame -> frame.queue.execute(() -> frame.fold(cell, rendered, blob)));
  }

  /** Queues the assembly, behind the cells. */
  void finish(TaskName task, Outcome outcome) {
    Optional<Frame> found = find(task);
    if (found.isEmpty()) {
      outcome.failed(new IOException("The scratch frame of task '%s' is gone".formatted(task)));
      return;
    }
    found.get().queue.execute(() -> found.get().finish(outcome));
  }

  /** Number of cells in the frame so far; changes when a new preview would differ. */
  long folded(TaskName task) {
    return find(task).map(frame -> frame.folded.get()).orElse(0L);
  }

  /** A PNG of what is there so far, in a new file that is the caller's; empty without a frame. */
  Optional<Path> preview(TaskName task) throws IOException {
    Optional<Frame> frame = find(task).filter(known -> known.broken.isEmpty());
    return frame.isEmpty() ? Optional.empty() : Optional.of(frame.get().preview());
  }

  /** Forgets a frame, once what is queued is done. */
  void end(TaskName task) {
    Frame frame = frames.remove(task);
    if (frame == null) {
      return;
    }
    frame.queue.execute(() -> closeQuietly(frame));
    frame.queue.shutdown();
  }

  @Override
  public void close() {
    List.copyOf(frames.keySet()).forEach(this::end);
  }

  private Optional<Frame> find(TaskName task) {
    return Optional.ofNullable(frames.get(task));
  }

  private void closeQuietly(Frame frame) {
    try {
      frame.assembly.close();
      Files.deleteIfExists(frame.folder);
    } catch (IOException e) {
      LOG.warn("The scratch frame of task {} stays behind: {}", frame.task, Reason.of(e));
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("A temporary file stays behind: {}", Reason.of(e));
    }
  }
}
