package io.blendnet.cli;

import io.blendnet.domain.BlobId;
import io.blendnet.protocol.FileChangedException;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.OfferedFile;
import io.blendnet.protocol.SentFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Brings the files of a scene to a Manager, once for all frames: looks what is in them, and sends
 * what the Manager lacks while the next are still being read. How far it is can be asked by any
 * thread.
 */
final class SceneUpload {
  /** So much is read before the sending of it begins. */
  private static final long BATCH_BYTES = 512L << 20;

  private static final int BATCH_FILES = 10_000;

  private final ManagerClient manager;
  private final List<Path> files;
  private final KnownHashes hashes;
  private volatile long there;
  private volatile long total;

  /**
   * What has arrived.
   *
   * @param contents by the absolute path of the file
   */
  record Arrived(Map<String, BlobId> contents, SentFiles sent) {
    public Arrived {
      contents = Map.copyOf(contents);
    }
  }

  /**
   * An upload.
   *
   * @param files absolute paths
   */
  SceneUpload(ManagerClient manager, List<Path> files, KnownHashes hashes) {
    this.manager = manager;
    this.files = List.copyOf(files);
    this.hashes = hashes;
  }

  /** Bytes that the Manager has. */
  long there() {
    return there;
  }

  /** Bytes of all files. */
  long total() {
    return total;
  }

  /**
   * Returns when the Manager has all. Once more after a failure, it goes on where it stopped.
   *
   * @throws FileChangedException a file changed meanwhile
   */
  Arrived run() throws IOException, InterruptedException {
    long bytes = 0;
    for (Path file : files) {
      bytes += Files.size(file);
    }
    there = 0;
    total = bytes;
    try (ExecutorService readers =
        Executors.newFixedThreadPool(
            Runtime.getRuntime().availableProcessors(), Thread.ofPlatform().daemon().factory())) {
      try {
        List<Future<OfferedFile>> reading =
            files.stream().map(file -> readers.submit(() -> hashes.offer(file))).toList();
        return send(reading);
      } catch (FileChangedException e) {
        hashes.forget(e.file());
        throw e;
      } finally {
        readers.shutdownNow();
        hashes.save();
      }
    }
  }

  private Arrived send(List<Future<OfferedFile>> reading) throws IOException, InterruptedException {
    Map<String, BlobId> contents = new LinkedHashMap<>();
    SentFiles sent = SentFiles.NONE;
    List<OfferedFile> batch = new ArrayList<>();
    long bytes = 0;
    for (Future<OfferedFile> next : reading) {
      OfferedFile file = read(next);
      contents.put(file.file().toString(), file.blob());
      batch.add(file);
      bytes += file.size();
      if (bytes >= BATCH_BYTES || batch.size() == BATCH_FILES) {
        sent = sent.plus(send(batch, bytes));
        batch.clear();
        bytes = 0;
      }
    }
    return new Arrived(contents, sent.plus(send(batch, bytes)));
  }

  private SentFiles send(List<OfferedFile> batch, long bytes)
      throws IOException, InterruptedException {
    if (batch.isEmpty()) {
      return SentFiles.NONE;
    }
    long before = there;
    SentFiles sent = manager.sendFiles(batch, (moved, _) -> there = before + moved);
    // Files of the same content count once on the way.
    there = before + bytes;
    return sent;
  }

  private static OfferedFile read(Future<OfferedFile> reading)
      throws IOException, InterruptedException {
    try {
      return reading.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
