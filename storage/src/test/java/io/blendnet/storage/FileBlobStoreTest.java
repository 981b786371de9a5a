package io.blendnet.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.domain.BlobId;
import io.blendnet.storage.spi.Blob;
import io.blendnet.storage.spi.BlobExpectation;
import io.blendnet.storage.spi.BlobStore;
import io.blendnet.storage.spi.FolderInUseException;
import io.blendnet.storage.spi.StorageFullException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileBlobStoreTest extends BlobStoreContract {
  @TempDir Path folder;

  @Override
  protected BlobStore open() throws IOException {
    return FileBlobStore.open(folder.resolve("contract"));
  }

  @Test
  void aBlobIsAPrivateFileNamedByItsSum() throws IOException {
    Path place = folder.resolve("new/blobs");
    try (BlobStore store = FileBlobStore.open(place)) {
      put(store, "abc");
      Path file = place.resolve("ba").resolve(ABC.sha256().substring(2));
      assertThat(file).hasContent("abc");
      assertThat(store.file(ABC).toRealPath()).isEqualTo(file.toRealPath());
      for (Path path : everythingIn(place)) {
        assertThat(mode(path))
            .as(path.toString())
            .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------");
      }
    }
  }

  @Test
  void anAdoptedFileIsPrivateWhateverItWas() throws IOException {
    Path file = Files.writeString(folder.resolve("frame.exr"), "abc");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    try (BlobStore store = FileBlobStore.open(folder.resolve("blobs"))) {
      store.adopt(file);
      assertThat(mode(store.file(ABC))).isEqualTo("rw-------");
    }
  }

  @Test
  void aFileOnAnotherFileSystemIsAdoptedByCopying() throws IOException {
    try (TinyDisk disk = TinyDisk.mount(folder.resolve("disk"), 512);
        BlobStore store = FileBlobStore.open(folder.resolve("blobs"))) {
      Path file = Files.writeString(disk.folder().resolve("frame.exr"), "abc");
      assertThat(store.adopt(file).id()).isEqualTo(ABC);
      assertThat(file).doesNotExist();
      assertThat(store.file(ABC)).hasContent("abc");
    }
  }

  @Test
  void whatAnInterruptedProgramLeftIsSweptAtTheNextStart() throws IOException {
    Path place = folder.resolve("blobs");
    FileBlobStore.open(place).close();
    Path left = Files.writeString(place.resolve("incoming/half.part"), "half");
    FileBlobStore.open(place).close();
    assertThat(left).doesNotExist();
  }

  @Test
  void aSecondProgramInTheFolderIsRefused() throws IOException {
    Path place = folder.resolve("blobs");
    BlobStore store = FileBlobStore.open(place);
    assertThatThrownBy(() -> FileBlobStore.open(place))
        .isInstanceOf(FolderInUseException.class)
        .hasMessageContaining(place + " is in use by");
    store.close();
    FileBlobStore.open(place).close();
  }

  @Test
  void everyBlobThatWasStoredSurvivesKill9AndNoOther() throws Exception {
    Path place = folder.resolve("killed");
    List<String> acknowledged = new ArrayList<>();
    try (ChildJava child =
        ChildJava.start(
            EndlessPuts.class, List.of("-Dorg.sqlite.tmpdir=" + folder), place.toString())) {
      for (int i = 0; i < 200; i++) {
        acknowledged.add(child.line().orElseThrow());
      }
      child.kill();
      acknowledged.addAll(child.rest());
    }
    // The last line may be torn.
    acknowledged.removeIf(line -> !BlobId.isValid(line));
    try (BlobStore store = FileBlobStore.open(place)) {
      for (String id : acknowledged) {
        assertThat(store.find(new BlobId(id))).as(id).isPresent();
      }
      store.forEach(blob -> {
        try {
          assertThat(Checksums.of(store.file(blob.id())).id()).isEqualTo(blob.id());
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
      assertThat(everythingIn(place.resolve("incoming"))).hasSize(1);
    }
  }

  /** Stores one blob after the other, and prints the id of each when it is stored. */
  static final class EndlessPuts {
    public static void main(String[] arguments) throws IOException {
      try (BlobStore store = FileBlobStore.open(Path.of(arguments[0]))) {
        for (int i = 0; ; i++) {
          System.out.println(put(store, "blob %d ".formatted(i).repeat(i % 5_000)).id());
        }
      }
    }
  }

  @Test
  void afterACrashTheIndexSaysAgainWhatTheFolderHolds() throws IOException {
    Path place = folder.resolve("blobs");
    Path copy = folder.resolve("copy");
    try (BlobStore store = FileBlobStore.open(place)) {
      put(store, "indexed");
      // As a power cut leaves it: the index of before, the files of after.
      copyAll(place, copy);
      put(store, "abc");
      put(store, "damaged later");
      copyShelves(place, copy);
    }
    BlobId gone = idOf("indexed");
    BlobId damaged = idOf("damaged later");
    Files.delete(pathIn(copy, gone));
    Files.writeString(pathIn(copy, damaged), "something else");
    Files.writeString(copy.resolve("ba/README"), "put here by a person");

    try (BlobStore store = FileBlobStore.open(copy)) {
      assertThat(store.find(ABC)).isPresent();
      assertThat(store.file(ABC)).hasContent("abc");
      assertThat(store.find(gone)).isEmpty();
      assertThat(store.find(damaged)).isEmpty();
      assertThat(copy.resolve("damaged").resolve(damaged.sha256())).hasContent("something else");
      assertThat(copy.resolve("ba/README")).exists();
      assertThat(put(store, "damaged later").id()).isEqualTo(damaged);
    }
  }

  @Test
  void aLostIndexIsMadeAgain() throws IOException {
    Path place = folder.resolve("blobs");
    try (BlobStore store = FileBlobStore.open(place)) {
      put(store, "abc");
    }
    Files.delete(place.resolve("index.db"));
    try (BlobStore store = FileBlobStore.open(place)) {
      assertThat(store.find(ABC).map(Blob::size)).contains(3L);
    }
  }

  @Test
  void bytesThatWillNotFitAreRefusedBeforeTheyAreRead() throws IOException {
    try (TinyDisk disk = TinyDisk.mount(folder.resolve("disk"), 1_024)) {
      Path place = disk.folder().resolve("blobs");
      try (BlobStore store = FileBlobStore.open(place)) {
        InputStream unread = new ByteArrayInputStream(new byte[2_000_000]);
        assertThatExceptionOfType(StorageFullException.class)
            .isThrownBy(() -> store.put(unread, BlobExpectation.NONE.withSize(2_000_000)))
            .withMessageContaining("2,000,000 bytes more are wanted in " + place)
            .satisfies(full -> {
              assertThat(full.wanted()).isEqualTo(2_000_000);
              assertThat(full.free()).isBetween(100_000L, 1_048_576L);
              assertThat(full.folder()).isEqualTo(place);
            });
        assertThat(unread.available()).isEqualTo(2_000_000);
      }
    }
  }

  @Test
  void aDiskThatFillsUpMeanwhileLeavesNothingHalf() throws IOException {
    try (TinyDisk disk = TinyDisk.mount(folder.resolve("disk"), 1_024)) {
      Path place = disk.folder().resolve("blobs");
      try (BlobStore store = FileBlobStore.open(place)) {
        put(store, "abc");
        long before = place.toFile().getUsableSpace();
        assertThatExceptionOfType(StorageFullException.class)
            .isThrownBy(() ->
                store.put(new ByteArrayInputStream(new byte[2_000_000]), BlobExpectation.NONE))
            .withMessageContaining(" wanted in " + place);
        assertThat(place.toFile().getUsableSpace()).isEqualTo(before);
        assertThat(everythingIn(place.resolve("incoming"))).hasSize(1);
        assertThat(store.file(ABC)).hasContent("abc");

        Path ballast = disk.fillUpTo(0);
        assertThatExceptionOfType(StorageFullException.class)
            .isThrownBy(() -> put(store, "not a byte is left"));
        Files.delete(ballast);
        assertThat(put(store, "not a byte is left").size()).isEqualTo(18);
      }
    }
  }

  @Test
  void anIndexThatCannotGrowLeavesNoFileWithoutARow() throws IOException {
    try (TinyDisk disk = TinyDisk.mount(folder.resolve("disk"), 1_024)) {
      Path place = disk.folder().resolve("blobs");
      List<BlobId> stored = new ArrayList<>();
      Optional<StorageFullException> full = Optional.empty();
      try (BlobStore store = FileBlobStore.open(place)) {
        disk.fillUpTo(60_000);
        for (int i = 0; full.isEmpty(); i++) {
          try {
            stored.add(put(store, "small " + i).id());
          } catch (StorageFullException e) {
            full = Optional.of(e);
          }
        }
        long files =
            everythingIn(place).stream()
                .filter(Files::isRegularFile)
                .filter(file -> file.getFileName().toString().length() == 62)
                .count();
        assertThat(files).isEqualTo(stored.size());
        for (BlobId id : stored) {
          assertThat(store.file(id)).isRegularFile();
        }
        Files.delete(disk.folder().resolve("ballast"));
        put(store, "there is room again");
      }
    }
  }

  @Test
  void aLargeFilePassesThroughASmallHeap() throws Exception {
    try (ChildJava child =
        ChildJava.start(
            OneLargePut.class,
            List.of("-Xmx16m", "-Dorg.sqlite.tmpdir=" + folder),
            folder.resolve("large").toString())) {
      assertThat(child.rest()).containsExactly("200000000");
      assertThat(child.exitCode()).isZero();
    }
  }

  /** Stores 200 MB, and prints how many bytes the store says it has. */
  static final class OneLargePut {
    public static void main(String[] arguments) throws IOException {
      try (BlobStore store = FileBlobStore.open(Path.of(arguments[0]))) {
        System.out.println(store.put(Zeros.of(200_000_000), BlobExpectation.NONE).size());
      }
    }
  }

  private static Blob put(BlobStore store, String text) throws IOException {
    return store.put(new ByteArrayInputStream(text.getBytes(UTF_8)), BlobExpectation.NONE);
  }

  private static BlobId idOf(String text) {
    Checksums checksums = Checksums.sha256();
    byte[] bytes = text.getBytes(UTF_8);
    checksums.add(bytes, bytes.length);
    return checksums.sums().id();
  }

  private static Path pathIn(Path store, BlobId id) {
    return store.resolve(id.sha256().substring(0, 2)).resolve(id.sha256().substring(2));
  }

  private static void copyAll(Path from, Path to) throws IOException {
    for (Path path : everythingIn(from)) {
      Path target = to.resolve(from.relativize(path).toString());
      if (!Files.isDirectory(path)) {
        Files.copy(path, target, StandardCopyOption.REPLACE_EXISTING);
      } else if (!Files.isDirectory(target)) {
        Files.createDirectories(target);
      }
    }
  }

  private static void copyShelves(Path from, Path to) throws IOException {
    try (var shelves = Files.newDirectoryStream(from, "[0-9a-f][0-9a-f]")) {
      for (Path shelf : shelves) {
        copyAll(shelf, to.resolve(shelf.getFileName().toString()));
      }
    }
  }

  private static List<Path> everythingIn(Path place) throws IOException {
    try (var paths = Files.walk(place)) {
      return paths.toList();
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
