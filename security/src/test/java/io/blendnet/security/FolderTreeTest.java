package io.blendnet.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderTreeTest {
  @TempDir private Path parent;

  @Test
  void aFolderGoesWithAllThatIsInItAndLinksAreNotFollowed() throws Exception {
    Path elsewhere = Files.createDirectories(parent.resolve("elsewhere"));
    Path kept = Files.writeString(elsewhere.resolve("kept"), "x");
    Path folder = parent.resolve("folder");
    Files.createDirectories(folder.resolve("a/b"));
    Files.writeString(folder.resolve("a/b/c"), "x");
    Files.createSymbolicLink(folder.resolve("a/link"), elsewhere);

    FolderTree.delete(folder);

    assertThat(folder).doesNotExist();
    assertThat(kept).exists();
  }

  @Test
  void aFolderWhoseMakerLeftNobodyAnyRightsGoesToo() throws Exception {
    Path folder = parent.resolve("folder");
    Path locked = Files.createDirectories(folder.resolve("a/locked"));
    Files.writeString(locked.resolve("c"), "x");
    Path readable = Files.createDirectories(folder.resolve("b"));
    Files.writeString(readable.resolve("c"), "x");
    Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("---------"));
    Files.setPosixFilePermissions(readable, PosixFilePermissions.fromString("r-x------"));

    FolderTree.delete(folder);

    assertThat(folder).doesNotExist();
  }

  @Test
  void aFolderThatIsNotThereIsNoError() throws Exception {
    FolderTree.delete(parent.resolve("none"));

    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void anEmptiedFolderIsThereAndPrivate() throws Exception {
    Path folder = Files.createDirectories(parent.resolve("folder"));
    Files.writeString(folder.resolve("old"), "x");

    assertThat(FolderTree.emptied(folder)).isEqualTo(folder).isEmptyDirectory();
    assertThat(PrivateFiles.isPrivate(folder)).isTrue();
  }
}
