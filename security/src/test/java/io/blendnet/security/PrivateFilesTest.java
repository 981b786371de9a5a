package io.blendnet.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFilesTest {
  @TempDir Path folder;

  @Test
  void aNewFileIsPrivate() throws IOException {
    Path file = folder.resolve("with space, 'quote' and ümlaut");
    PrivateFiles.create(file, bytes("secret"));
    assertThat(mode(file)).isEqualTo("rw-------");
    assertThat(PrivateFiles.read(file)).isEqualTo(bytes("secret"));
    assertThat(namesIn(folder)).containsExactly("with space, 'quote' and ümlaut");
  }

  @Test
  void creatingReplacesNothing() throws IOException {
    Path file = folder.resolve("key");
    PrivateFiles.create(file, bytes("first"));
    assertThatThrownBy(() -> PrivateFiles.create(file, bytes("second")))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(file).hasContent("first");
    assertThat(namesIn(folder)).containsExactly("key");
  }

  @Test
  void ofManyWhoCreateTheSameFileOneSucceeds() throws Exception {
    Path file = folder.resolve("key");
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<Boolean>> results =
          threads.invokeAll(
              IntStream.range(0, 32)
                  .mapToObj(
                      number -> (Callable<Boolean>) () -> createsIt(file, "content " + number))
                  .toList());
      int created = 0;
      for (Future<Boolean> result : results) {
        created += result.get() ? 1 : 0;
      }
      assertThat(created).isEqualTo(1);
    }
    assertThat(namesIn(folder)).containsExactly("key");
  }

  @Test
  void replacingMakesTheFilePrivateWhateverItWas() throws IOException {
    Path file = folder.resolve("key");
    Files.writeString(file, "old");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    PrivateFiles.replace(file, bytes("new"));
    assertThat(file).hasContent("new");
    assertThat(mode(file)).isEqualTo("rw-------");
    assertThat(namesIn(folder)).containsExactly("key");
  }

  @Test
  void aSecretThatOthersCanReadIsMadePrivateWhenItIsRead() throws IOException {
    Path file = folder.resolve("key");
    Files.writeString(file, "secret");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(PrivateFiles.isPrivate(file)).isFalse();
    assertThat(PrivateFiles.read(file)).isEqualTo(bytes("secret"));
    assertThat(PrivateFiles.isPrivate(file)).isTrue();
  }

  @Test
  void readingWhatIsNotThereNamesIt() {
    assertThatThrownBy(() -> PrivateFiles.read(folder.resolve("missing")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("missing");
  }

  @Test
  void newFoldersArePrivateAndOldOnesAreLeftAlone() throws IOException {
    Path old = Files.createDirectory(folder.resolve("old"));
    Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("rwxr-xr-x"));
    PrivateFiles.createFolder(old.resolve("a/b"));
    assertThat(mode(old)).isEqualTo("rwxr-xr-x");
    assertThat(mode(old.resolve("a"))).isEqualTo("rwx------");
    assertThat(mode(old.resolve("a/b"))).isEqualTo("rwx------");
  }

  @Test
  void aFileWhereAFolderIsNeededIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() -> PrivateFiles.createFolder(file))
        .isInstanceOf(FileAlreadyExistsException.class)
        .hasMessageContaining("a folder is needed here");
  }

  private static boolean createsIt(Path file, String content) throws IOException {
    try {
      PrivateFiles.create(file, bytes(content));
      return true;
    } catch (FileAlreadyExistsException _) {
      return false;
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<String> namesIn(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
