package io.blendnet.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UntrustedFolderTest {
  @TempDir private Path parent;
  private Path folder;
  private Path ours;
  private Path secret;

  @BeforeEach
  void makeFolders() throws IOException {
    folder = Files.createDirectory(parent.resolve("untrusted"));
    ours = Files.createDirectory(parent.resolve("ours"));
    Path elsewhere = Files.createDirectory(parent.resolve("elsewhere"));
    secret = Files.writeString(elsewhere.resolve("secret"), "secret");
  }

  @Test
  void aFileIsMovedOut() throws Exception {
    Path deep = Files.createDirectories(folder.resolve("a/b"));
    Path file = Files.writeString(deep.resolve("picture.png"), "pixels");

    UntrustedFolder.move(folder, file, ours.resolve("taken"));

    assertThat(ours.resolve("taken")).hasContent("pixels");
    assertThat(file).doesNotExist();
  }

  @Test
  void aLinkIsNotTaken() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("picture.png"), secret);

    assertNotTaken(link);
  }

  @Test
  void whatLiesBehindALinkedFolderIsNotTaken() throws Exception {
    Files.createSymbolicLink(folder.resolve("out"), secret.getParent());

    assertNotTaken(folder.resolve("out/secret"));
  }

  @Test
  void aPathThatLeadsUpIsNotTaken() {
    assertNotTaken(folder.resolve("../elsewhere/secret"));
  }

  @Test
  void aFolderIsNotTaken() throws Exception {
    assertNotTaken(Files.createDirectory(folder.resolve("picture.png")));
  }

  @Test
  void aPipeIsNotTaken() throws Exception {
    Path pipe = folder.resolve("picture.png");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    assertNotTaken(pipe);
  }

  @Test
  void whatIsRemovedIsNeverWhatALinkPointsTo() throws Exception {
    Path deep = Files.createDirectories(folder.resolve("a/b/c"));
    Files.createSymbolicLink(deep.resolve("out"), secret.getParent());
    Files.createSymbolicLink(folder.resolve("link"), secret.getParent());

    UntrustedFolder.discard(folder, folder.resolve("a"));
    UntrustedFolder.discard(folder, folder.resolve("link"));
    UntrustedFolder.discard(folder, folder.resolve("never there"));

    assertThat(folder).isEmptyDirectory();
    assertThat(secret).hasContent("secret");
  }

  private void assertNotTaken(Path file) {
    Path target = ours.resolve("taken");
    assertThatThrownBy(() -> UntrustedFolder.move(folder, file, target))
        .isInstanceOf(IOException.class);
    assertThat(target).doesNotExist();
    assertThat(secret).hasContent("secret");
  }
}
