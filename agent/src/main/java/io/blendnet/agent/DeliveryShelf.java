package io.blendnet.agent;

import io.blendnet.protocol.WorkReport.DeliveryInfo;
import io.blendnet.security.FolderTree;
import io.blendnet.storage.Checksums;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finished files that wait to be fetched, in a folder of their own. They outlive their lease, but
 * not the agent: what an earlier run left is swept away. Thread-safe.
 */
final class DeliveryShelf {
  private static final Logger LOG = LoggerFactory.getLogger(DeliveryShelf.class);

  /** A file on the shelf. */
  record Shelved(LeaseKey lease, Path file, Checksums.Sums sums) {}

  private final Path folder;
  private final Map<String, Shelved> shelved = new ConcurrentHashMap<>();

  /** The folder's content is lost. */
  DeliveryShelf(Path folder) throws IOException {
    this.folder = FolderTree.emptied(folder);
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

  Optional<Shelved> find(String id) {
    return Optional.ofNullable(shelved.get(id));
  }

  /** Hands a file over: the shelf forgets it without removing it. */
  Optional<Path> handOver(String id) {
    return Optional.ofNullable(shelved.remove(id)).map(Shelved::file);
  }

  /**
   * Removes a file.
   *
   * @return whether it was there
   */
  boolean remove(String id) {
    Optional<Path> file = handOver(id);
    file.ifPresent(DeliveryShelf::delete);
    return file.isPresent();
  }

  /** Removes what a lease has put here. */
  void removeOf(LeaseKey lease) {
    removeWhere(entry -> entry.lease().equals(lease));
  }

  /** Removes what the leases of a farm have put here. */
  void removeOf(String farm) {
    removeWhere(entry -> entry.lease().farm().equals(farm));
  }

  private void removeWhere(Predicate<Shelved> unwanted) {
    shelved.forEach((id, entry) -> {
      if (unwanted.test(entry)) {
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
