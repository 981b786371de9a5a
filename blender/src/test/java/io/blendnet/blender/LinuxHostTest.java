package io.blendnet.blender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxHostTest {
  @TempDir Path folder;
  private final LinuxHost host = new LinuxHost();
  private final String mark = UUID.randomUUID().toString();

  @Test
  void theSystemOfThisMachineIsLinux() {
    assertThat(HostSystem.current().name()).isEqualTo("Linux");
  }

  @Test
  void aProcessLeadsAGroupOfItsOwn() throws IOException {
    Process process = start("cut -d' ' -f5,6 /proc/$$/stat; sleep 1000");

    String line = process.inputReader().readLine();

    assertThat(line.strip().split("\\s+"))
        .containsExactly(Long.toString(process.pid()), Long.toString(process.pid()));
    assertThat(host.killTree(process.toHandle(), mark)).isTrue();
  }

  @Test
  void killingATreeTakesChildrenThatLeftTheirGroupOrTheirParent() throws IOException {
    Process process =
        start(
            """
            sleep 1001 &
            setsid sleep 1002 &
            (setsid sleep 1003 & )
            env -i sleep 1004 &
            sh -c 'trap "" TERM INT HUP; echo ready; sleep 1005; sleep 1006' &
            wait
            """);
    assertThat(process.inputReader().readLine()).isEqualTo("ready");
    List<ProcessHandle> tree = List.copyOf(LinuxHost.marked(mark));
    List<ProcessHandle> children = process.descendants().toList();
    assertThat(tree).hasSizeGreaterThanOrEqualTo(4);

    assertThat(host.killTree(process.toHandle(), mark)).isTrue();

    assertThat(LinuxHost.marked(mark)).isEmpty();
    assertThat(tree).noneMatch(LinuxHostTest::runs);
    assertThat(children).isNotEmpty().noneMatch(LinuxHostTest::runs);
    assertThat(process.isAlive()).isFalse();
  }

  @Test
  void childrenOfADeadProcessAreFoundByTheirMark() throws Exception {
    Process process = start("setsid sleep 1007 >/dev/null & echo started");
    assertThat(process.inputReader().readLine()).isEqualTo("started");
    assertThat(process.waitFor()).isZero();

    assertThat(host.killTree(process.toHandle(), mark)).isTrue();

    assertThat(LinuxHost.marked(mark)).isEmpty();
  }

  @Test
  void anotherSessionsProcessesStay() throws IOException {
    Process ours = start("echo up; sleep 1008");
    assertThat(ours.inputReader().readLine()).isEqualTo("up");
    Process dead = start("echo gone");
    assertThat(dead.inputReader().readLine()).isEqualTo("gone");

    host.killTree(dead.toHandle(), "another mark");

    assertThat(ours.isAlive()).isTrue();
    host.killTree(ours.toHandle(), mark);
  }

  @Test
  void privateFoldersAndFilesAreForThisUserAlone() throws IOException {
    Path open = folder.resolve("open");
    Files.createDirectory(
        open, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));

    host.createPrivateFolder(open);
    host.createPrivateFolder(folder.resolve("a/b"));
    Path file = folder.resolve("a/b/secret");
    host.createPrivateFile(file, new byte[] {1, 2, 3});

    assertThat(mode(open)).isEqualTo("rwx------");
    assertThat(mode(folder.resolve("a/b"))).isEqualTo("rwx------");
    assertThat(mode(file)).isEqualTo("rw-------");
    assertThat(Files.readAllBytes(file)).containsExactly(1, 2, 3);
    assertThatThrownBy(() -> host.createPrivateFile(file, new byte[0]))
        .isInstanceOf(FileAlreadyExistsException.class);
  }

  @Test
  void memoryAndDiskAreThere() throws IOException {
    HostMemory memory = host.memory();

    assertThat(memory.total()).isGreaterThan(64 << 20);
    assertThat(memory.available()).isBetween(1L, memory.total());
    assertThat(host.freeDiskSpace(folder)).isPositive();
  }

  @Test
  void theMemoryOfAProcessIsToldWhileItIsThere() throws Exception {
    Process process = start("echo running; read line");
    assertThat(process.inputReader().readLine()).isEqualTo("running");

    assertThat(host.memoryOf(process.toHandle()).orElseThrow()).isBetween(64L << 10, 64L << 20);

    process.getOutputStream().close();
    process.waitFor();
    assertThat(host.memoryOf(process.toHandle())).isEmpty();
  }

  /** A dead process whose new parent has not asked for it yet counts as alive to Java. */
  static boolean runs(ProcessHandle process) {
    try {
      String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
      return !stat.substring(stat.lastIndexOf(')')).startsWith(") Z");
    } catch (IOException e) {
      return false;
    }
  }

  private Process start(String script) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(host.inOwnGroup(List.of("/bin/sh", "-c", script)));
    builder.environment().put(HostSystem.PROCESS_MARK, mark);
    return builder.start();
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
