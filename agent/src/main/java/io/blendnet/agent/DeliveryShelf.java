package io.blendnet.agent;

import io.blendnet.protocol.WorkReport.DeliveryInfo;
import io.blendnet.security.FolderTree;
import io.blendnet.storage.Checksums;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finished files that wait to be fetched, in a folder of their own. They outlive their lease, but
 * not the agent: what an earlier run left is swept away. How fast they leave is measured.
 * Thread-safe.
 */
final class DeliveryShelf {
  private static final Logger LOG = LoggerFactory.getLogger(DeliveryShelf.class);

  /** A file on the shelf. */
  record Shelved(LeaseKey lease, Path file, Checksums.Sums sums) {}

  private final Path folder;
  private final DeliveryPace pace;
  private final Map<String, Shelved> shelved = new ConcurrentHashMap<>();

  /** When those that are being fetched were asked for, in nanoseconds of a clock of our own. */
  private final Map<String, Long> asked = new ConcurrentHashMap<>();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition removed = lock.newCondition();
  private long removals;

  /** The folder's content is lost. */
  DeliveryShelf(Path folder, DeliveryPace pace) throws IOException {
    this.folder = FolderTree.emptied(folder);
    this.pace = pace;
  }

  /**
   * A file name in the shelf's folder that nobody else has: for a file to be {@link #add added}.
   */
  Path newFile(String extension) {
    return folder.resolve(UUID.randomUUID() + extension);
  }

  /** A new folder on the shelf's disk. */
  Path newFolder() throws IOException {
    return Files.createDirectory(folder.resolve(UUID.randomUUID().toString()));
  }

  /**
   * Takes a finished file in: it is read once, for its sum, and belongs to the shelf.
   *
   * @param file in the shelf's folder, named by {@link #newFile}
   */
  DeliveryInfo add(LeaseKey lease, Path file) throws IOException {
    String id = UUID.randomUUID().toString();
    Checksums.Sums sums = Checksums.of(file);
    shelved.put(id, new Shelved(lease, file, sums));
    return new DeliveryInfo(id, sums.size(), sums.id().sha256());
  }

  boolean has(String id) {
    return shelved.containsKey(id);
  }

  /** How many files are here. */
  int count() {
    return shelved.size();
  }

  /** What the files here take, in bytes. */
  long bytes() {
    return shelved.values().stream().mapToLong(entry -> entry.sums().size()).sum();
  }

  /** A file that somebody begins to fetch. */
  Optional<Shelved> ask(String id) {
    Optional<Shelved> found = Optional.ofNullable(shelved.get(id));
    if (found.isPresent()) {
      asked.put(id, System.nanoTime());
    }
    return found;
  }

  /**
   * Removes a file that has arrived.
   *
   * @return whether it was there
   */
  boolean giveUp(String id) {
    Optional<Shelved> found = Optional.ofNullable(shelved.get(id));
    Optional<Long> since = Optional.ofNullable(asked.get(id));
    if (found.isPresent() && since.isPresent()) {
      pace.record(found.get().sums().size(), Duration.ofNanos(System.nanoTime() - since.get()));
    }
    return remove(id);
  }

  /** Hands a file over: the shelf forgets it without removing it. */
  Optional<Path> handOver(String id) {
    Optional<Path> file = forget(id);
    signalRemoval();
    return file;
  }

  /**
   * Removes a file.
   *
   * @return whether it was there
   */
  boolean remove(String id) {
    Optional<Path> file = forget(id);
    file.ifPresent(DeliveryShelf::delete);
    signalRemoval();
    return file.isPresent();
  }

  private Optional<Path> forget(String id) {
    asked.remove(id);
    return Optional.ofNullable(shelved.remove(id)).map(Shelved::file);
  }

  private void signalRemoval() {
    lock.lock();
    try {
      removals++;
      removed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until a file has gone, or the time is over. */
  void awaitRemoval(Duration patience) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long before = removals;
      long nanos = patience.toNanos();
      while (removals == before && nanos > 0) {
        nanos = removed.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Removes what a lease has put here. */
  void removeOf(LeaseKey lease) {
    shelved.forEach((id, entry) -> {
      if (entry.lease().equals(lease)) {
        remove(id);
      }
    });
  }

  /** Removes a file that never got onto the shelf, where it is there. */
  static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("Cannot remove {}: {}", file, e.toString());
    }
  }

  Path folder() {
    return folder;
  }
}
