package io.blendnet.blender;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Blender must not outlive us, even when we are killed and can do nothing about it. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ParentDeathTest {
  @TempDir Path folder;

  /** The program that gets killed: starts a session, says its process number, and waits. */
  static final class Holder {
    public static void main(String[] arguments) throws Exception {
      var kind = BlenderInstallation.Kind.EXECUTABLE;
      BlenderInstallation blender = BlenderSession.unknown(Path.of(arguments[0]), kind);
      var settings =
          new SessionSettings(
              Path.of(arguments[1]), 1, SessionDeadlines.DEFAULT, confinement(arguments[2]));
      // From a thread that ends at once: Blender lives as long as we, not as long as that thread.
      Thread starter =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  BlenderSession session = BlenderSession.start(blender, settings, _ -> {});
                  System.out.println(session.process().pid());
                } catch (SessionException e) {
                  System.out.println(e.getMessage());
                  Runtime.getRuntime().halt(1);
                }
              });
      starter.join();
      while (true) {
        Thread.sleep(1000);
      }
    }
  }

  private static Optional<Confinement> confinement(String how) {
    return how.equals("free")
        ? Optional.empty()
        : switch (HostSystem.current().sandbox()) {
          case SandboxSearch.Found found ->
              Optional.of(new Confinement(found.sandbox(), false, List.of(), List.of()));
          case SandboxSearch.Missing missing -> throw new AssertionError(missing.reason());
        };
  }

  @ParameterizedTest
  @ValueSource(strings = {"free", "confined"})
  void aBlenderThatWaitsForCommandsDiesWithUs(String how) throws Exception {
    diesWithUs(TestingBlender.installation(), how);
  }

  @ParameterizedTest
  @ValueSource(strings = {"free", "confined"})
  void aBlenderThatReadsNothingDiesWithUs(String how) throws Exception {
    diesWithUs(
        TestingPeer.create(folder, "while :; do read nothing < /dev/null; sleep 0.05; done"), how);
  }

  private void diesWithUs(BlenderInstallation blender, String how) throws Exception {
    Process holder = hold(blender, how);
    try (BufferedReader output = holder.inputReader()) {
      String said = output.readLine();
      assertThat(said).matches("\\d+");
      ProcessHandle child = ProcessHandle.of(Long.parseLong(said)).orElseThrow();
      assertThat(LinuxHostTest.runs(child)).isTrue();

      holder.destroyForcibly();

      while (LinuxHostTest.runs(child)) {
        Thread.onSpinWait();
      }
    } finally {
      holder.destroyForcibly();
    }
  }

  private Process hold(BlenderInstallation blender, String how) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command =
        List.of(
            java,
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Holder.class.getName(),
            blender.executable().toString(),
            folder.resolve("session").toString(),
            how);
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }
}
