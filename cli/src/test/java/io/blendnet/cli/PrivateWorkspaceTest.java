package io.blendnet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.security.PrivateFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateWorkspaceTest {
  @TempDir private Path parent;

  @Test
  void itIsPrivateAndGoesWithAllThatIsInIt() throws Exception {
    PrivateWorkspace workspace = PrivateWorkspace.createIn(parent);
    assertThat(PrivateFiles.isPrivate(workspace.folder())).isTrue();
    Files.createDirectories(workspace.folder().resolve("a/b"));
    Files.writeString(workspace.folder().resolve("a/b/c"), "x");

    workspace.close();

    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void whatAKilledCommandLeftIsRemovedByTheNext() throws Exception {
    Path left = Files.createDirectories(parent.resolve("farm-left"));
    Files.writeString(left.resolve("in-use"), "");
    Files.writeString(left.resolve("frame.exr"), "x");
    Path other = Files.writeString(parent.resolve("blenders.json"), "{}");

    try (PrivateWorkspace workspace = PrivateWorkspace.createIn(parent)) {
      assertThat(left).doesNotExist();
      assertThat(other).exists();
      assertThat(workspace.folder()).exists();
    }
  }

  /** The lock is another process's, as between two commands at once. */
  @Test
  void whatARunningCommandUsesStays() throws Exception {
    Path used = Files.createDirectories(parent.resolve("farm-used"));
    Path lock = Files.writeString(used.resolve("in-use"), "");
    Process holder =
        new ProcessBuilder(
                "python3",
                "-c",
                "import fcntl,sys;f=open(sys.argv[1],'r+');fcntl.lockf(f,fcntl.LOCK_EX);print('locked',flush=True);sys.stdin.read()",
                lock.toString())
            .start();
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("locked");

      PrivateWorkspace.createIn(parent).close();

      assertThat(used).exists();
    } finally {
      holder.destroyForcibly();
    }
  }
}
