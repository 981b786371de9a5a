package io.blendnet.storage;

import io.blendnet.domain.BlobId;
import io.blendnet.storage.spi.BlobBatch;
import io.blendnet.storage.spi.BlobMismatchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;

/**
 * Writes the blobs of a batch from many threads at once: a journalling file system makes the files
 * of all who wait for the disk at the same time durable in one go.
 */
final class FileBlobBatch implements BlobBatch {
  /** What all batches may do at once. */
  static final class Limits {
    private static final int UNIT = 1024;
    private static final int MEMORY = 16 * 1024 * 1024;
    private static final int WRITERS = 32;

    /** Bytes that wait for the disk, counted in {@link #UNIT}. */
    private final Semaphore memory = new Semaphore(MEMORY / UNIT, true);

    private final Semaphore writers = new Semaphore(WRITERS, true);

    private static int units(byte[] bytes) {
      return Math.min(1 + bytes.length / UNIT, MEMORY / UNIT);
    }
  }

  private final FileBlobStore store;
  private final Path incoming;
  private final Executor threads;
  private final Limits limits;
  private final Map<BlobId, Written> added = new LinkedHashMap<>();
  private final long failures;
  private int count;

  FileBlobBatch(FileBlobStore store, Path incoming, Executor threads, Limits limits) {
    this.store = store;
    this.incoming = incoming;
    this.threads = threads;
    this.limits = limits;
    this.failures = store.diskFailures();
  }

  /** A blob on its way to the disk; what it met there when it could not get onto it. */
  private record Written(
      Path file, Checksums.Sums sums, CompletableFuture<Optional<IOException>> failure) {}

  @Override
  public void add(BlobId id, byte[] bytes) throws IOException, InterruptedException {
    Checksums checksums = Checksums.sha256();
    checksums.add(bytes, bytes.length);
    Checksums.Sums sums = checksums.sums();
    if (!sums.id().equals(id)) {
      throw new BlobMismatchException("SHA-256", id.sha256(), sums.id().sha256());
    }
    count++;
    if (added.containsKey(id) || store.ask(id).isPresent()) {
      return;
    }
    Path file = incoming.resolve(UUID.randomUUID() + ".part");
    int units = Limits.units(bytes);
    limits.memory.acquire(units);
    added.put(
        id,
        new Written(
            file,
            sums,
            CompletableFuture.supplyAsync(() -> write(file, bytes), threads)
                .whenComplete((_, _) -> limits.memory.release(units))));
  }

  private Optional<IOException> write(Path file, byte[] bytes) {
    limits.writers.acquireUninterruptibly();
    try (Room.Promise room = store.promise(bytes.length)) {
      store.write(file, bytes);
      room.used(bytes.length);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e);
    } finally {
      limits.writers.release();
    }
  }

  @Override
  public int store() throws IOException {
    List<Written> written = new ArrayList<>();
    for (Written blob : added.values()) {
      Optional<IOException> failure = blob.failure().join();
      if (failure.isPresent()) {
        throw failure.get();
      }
      written.add(blob);
    }
    Map<Path, Checksums.Sums> files = new LinkedHashMap<>();
    written.forEach(blob -> files.put(blob.file(), blob.sums()));
    store.place(files, failures);
    return count;
  }

  @Override
  public void close() throws IOException {
    for (Written blob : added.values()) {
      var _ = blob.failure().join();
      Files.deleteIfExists(blob.file());
    }
  }
}
