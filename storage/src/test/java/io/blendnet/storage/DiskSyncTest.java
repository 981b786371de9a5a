package io.blendnet.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class DiskSyncTest {
  @TempDir private Path mounts;
  private TinyDisk tiny;
  private Path folder;

  /** Whatever the tests run on, this file system is one of those. */
  @BeforeEach
  void mount() throws IOException {
    tiny = TinyDisk.mount(mounts.resolve("disk"), 8_192);
    folder = tiny.folder();
  }

  @AfterEach
  void unmount() throws IOException {
    tiny.close();
  }

  @Test
  void manyWaitForTheDiskAtOnce() throws Exception {
    try (DiskSync disk = DiskSync.of(folder).orElseThrow();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Path>> written = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        Path file = folder.resolve("file " + i);
        written.add(
            threads.submit(() -> {
              Files.writeString(file, "content of " + file);
              disk.await(0);
              return file;
            }));
      }
      for (Future<Path> file : written) {
        assertThat(file.get()).hasContent("content of " + file.get());
      }
    }
  }

  @Test
  void aFailureMeanwhileIsEverybodysWhoWasWriting() throws IOException {
    try (DiskSync disk = DiskSync.of(folder).orElseThrow()) {
      assertThat(disk.failures()).isZero();
      assertThatThrownBy(() -> disk.await(-1))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("could not be brought to the disk");
    }
  }

  @Test
  void whatHasNoNameInAsciiIsReached() throws IOException {
    Path place = Files.createDirectory(folder.resolve("Größe 大小"));
    try (DiskSync disk = DiskSync.of(place).orElseThrow()) {
      disk.await(0);
    }
  }

  @Test
  void aFileSystemThatMayNotWaitForItsDeviceIsNotReliedOn() throws IOException {
    assertThat(DiskSync.of(Path.of("/proc"))).isEmpty();
  }

  @Test
  void nobodyIsToldThatAllIsOnTheDiskOnceItIsClosed() throws IOException {
    DiskSync disk = DiskSync.of(folder).orElseThrow();
    disk.close();
    assertThatThrownBy(() -> disk.await(0)).isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void aFolderIsHeldOpenUntilItIsClosed() throws IOException {
    try (DiskSync _ = DiskSync.of(folder).orElseThrow()) {
      assertThat(isHeldOpen(folder)).isTrue();
    }
    assertThat(isHeldOpen(folder)).isFalse();
  }

  private static boolean isHeldOpen(Path folder) throws IOException {
    try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path file : open) {
        if (Files.isSymbolicLink(file) && Files.readSymbolicLink(file).equals(folder)) {
          return true;
        }
      }
    }
    return false;
  }
}
