package io.blendnet.manager;

import io.blendnet.storage.spi.Blob;
import io.blendnet.storage.spi.BlobStore;
import io.blendnet.storage.spi.FarmStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the files that no task refers to any more once nobody has asked for them for a while, and
 * earlier where there is no room for others. Thread-safe.
 *
 * <p>None goes that is in use. What a commit refers to is known on the farm loop alone, so there it
 * is asked for the last time and removed. What a client was told that the Manager has, in order to
 * refer to it soon, was asked for a moment ago, and so were the parts of an upload.
 */
final class UnusedBlobs {
  /** Whoever is told that a file is here has so long to refer to it, however full the disk is. */
  static final Duration GRACE = Duration.ofHours(1);

  private static final Logger LOG = LoggerFactory.getLogger(UnusedBlobs.class);

  /** The farm loop decides nothing while they are removed. */
  private static final int REMOVED_AT_ONCE = 50;

  private final FarmLoop loop;
  private final FarmStore store;
  private final BlobStore blobs;
  private final Duration keep;
  private final InstantSource clock;

  /**
   * @param keep how long nobody must have asked for a file; at least {@link #GRACE} in any case
   */
  UnusedBlobs(FarmLoop loop, FarmStore store, BlobStore blobs, Duration keep, InstantSource clock) {
    this.loop = loop;
    this.store = store;
    this.blobs = blobs;
    this.keep = keep.compareTo(GRACE) < 0 ? GRACE : keep;
    this.clock = clock;
  }

  /** Removes what has been unused for long enough. */
  void collect() {
    try {
      remove(keep, _ -> true);
    } catch (IOException e) {
      LOG.warn("Files that nobody uses any more stay behind: {}", Reason.of(e));
    }
  }

  /** Removes what is unused until there is room, or nothing is left that may go. */
  void makeRoom(long bytes) throws IOException {
    if (blobs.room() < bytes) {
      remove(GRACE, chosen -> blobs.room() + chosen < bytes);
    }
  }

  /**
   * @param goesOn whether more is to go, where so many bytes are chosen and still there
   */
  private void remove(Duration unaskedFor, LongPredicate goesOn) throws IOException {
    Instant since = clock.instant().minus(unaskedFor);
    blobs.dropUploads(unaskedFor);
    List<Blob> unused = new ArrayList<>();
    try {
      blobs.forEachUnasked(
          since,
          blob -> {
            long chosen = unused.stream().mapToLong(Blob::size).sum();
            if (goesOn.test(chosen) && !isReferenced(blob)) {
              unused.add(blob);
            }
            if (unused.size() == REMOVED_AT_ONCE) {
              removeNow(unused, since);
            }
          });
      removeNow(unused, since);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private boolean isReferenced(Blob blob) {
    try {
      return store.isReferenced(blob.id());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void removeNow(List<Blob> unused, Instant since) {
    List<Blob> batch = List.copyOf(unused);
    unused.clear();
    if (batch.isEmpty()) {
      return;
    }
    try {
      // After the commit: steps of the same turn may refer to them.
      loop.apply(turn -> turn.after(() -> batch.forEach(blob -> removeNow(blob, since))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void removeNow(Blob blob, Instant since) {
    try {
      if (!store.isReferenced(blob.id()) && blobs.deleteUnlessAsked(blob.id(), since)) {
        LOG.debug("Removed {}, {} bytes that nobody uses", blob.id(), blob.size());
      }
    } catch (IOException e) {
      LOG.warn("Blob {} stays behind: {}", blob.id(), Reason.of(e));
    }
  }
}
