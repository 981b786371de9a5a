package io.blendnet.blender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blendnet.domain.Cell;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.SceneFacts;
import io.blendnet.domain.Tile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** A real Blender in a real sandbox: as root sees it, and as any other user does. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@ParameterizedClass(name = "as root: {0}")
@ValueSource(booleans = {true, false})
class SandboxTest {
  /** What a hostile scene tries when it is opened, and tells about. */
  private static final String ATTACK =
      """
      t = bpy.data.texts.new('attack.py')
      t.use_module = True
      t.write('''
      import bpy, os, socket
      def attempt(name, deed):
          try:
              print('ATTACK', name, 'DONE', deed())
          except BaseException as e:
              print('ATTACK', name, 'FAILED', type(e).__name__, e)
      def read(path):
          return open(path).read()
      def write(path):
          open(path, 'w').write('mine')
          return 'written'
      def connect(how, address):
          s = socket.socket(how, socket.SOCK_STREAM)
          s.connect(address)
          return 'connected'
      attempt('secret', lambda: read('@secret@'))
      attempt('home', lambda: os.listdir(os.path.expanduser('~root')))
      attempt('beside', lambda: write('@beside@'))
      attempt('texture', lambda: write(bpy.path.abspath('//texture.txt')))
      attempt('scripts', lambda: write('scripts/session.py'))
      attempt('system', lambda: write('/usr/bin/attack'))
      attempt('socket', lambda: connect(socket.AF_INET, ('127.0.0.1', @port@)))
      attempt('file-socket', lambda: connect(socket.AF_UNIX, '@socket@'))
      attempt('processes', lambda: sorted(int(p) for p in os.listdir('/proc') if p.isdigit())[-1])
      attempt('environment', lambda: sorted(os.environ))
      attempt('init', lambda: read('/proc/1/environ'))
      attempt('user', lambda: os.getuid())
      attempt('root', lambda: os.setuid(0))
      attempt('temporary', lambda: write('/tmp/fine'))
      attempt('result', lambda: write('@results@/fine'))
      ''')
      """;

  @Parameter boolean asRoot;

  @TempDir Path folder;
  private final List<String> output = new CopyOnWriteArrayList<>();

  private Sandbox sandbox() {
    return switch (Bubblewrap.find(asRoot)) {
      case SandboxSearch.Found found -> found.sandbox();
      case SandboxSearch.Missing missing ->
          throw new AssertionError("These tests need a sandbox: " + missing.reason());
    };
  }

  @Test
  void aHostileSceneReachesNothingAndItsFrameIsTheSame() throws Exception {
    Path project = Files.createDirectory(folder.resolve("project"));
    Path results = Files.createDirectory(folder.resolve("results"));
    Path secret = Files.writeString(folder.resolve("secret"), "the agent's password");
    Path socket = folder.resolve("socket");
    Files.writeString(project.resolve("texture.txt"), "theirs");
    try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Path blend =
          TestingBlender.scene(
              project.resolve("hostile.blend"),
              ATTACK
                  .replace("@secret@", secret.toString())
                  .replace("@beside@", folder.resolve("beside").toString())
                  .replace("@results@", results.toString())
                  .replace("@socket@", socket.toString())
                  .replace("@port@", Integer.toString(listening.getLocalPort())));
      openToOthers(project);
      // Not trusted: nobody is safe from it here.
      byte[] free = render(TestingBlender.request(blend), Optional.empty(), folder.resolve("free"));
      assertThat(output).noneMatch(line -> line.contains("ATTACK"));
      Sandbox sandbox = sandbox();
      sandbox.letWrite(results);
      var confinement = new Confinement(sandbox, false, List.of(project), List.of(results));

      byte[] confined = render(trusted(blend), Optional.of(confinement), results.resolve("cell"));

      assertThat(confined).isEqualTo(free);
    }
    assertThat(said("secret")).startsWith("FAILED FileNotFoundError");
    assertThat(said("home")).startsWith("FAILED");
    assertThat(said("texture")).startsWith("FAILED OSError").contains("Read-only");
    assertThat(said("scripts")).startsWith("FAILED OSError").contains("Read-only");
    assertThat(said("system")).startsWith("FAILED");
    assertThat(said("socket")).startsWith("FAILED PermissionError").contains("scene-network = yes");
    assertThat(said("file-socket")).startsWith("FAILED FileNotFoundError");
    // Our own number is larger than any of a namespace that is a second old.
    assertThat(said("processes")).matches("DONE \\d{1,2}");
    assertThat(said("environment")).startsWith("DONE").doesNotContain("SUREFIRE", "JAVA", "SHELL");
    assertThat(said("init")).doesNotContain("JAVA_HOME");
    assertThat(said("user")).isEqualTo("DONE " + (asRoot ? 65_534 : userId()));
    assertThat(said("root")).startsWith(asRoot ? "FAILED PermissionError" : "");
    assertThat(said("temporary")).startsWith("DONE");
    assertThat(said("result")).startsWith("DONE");
    assertThat(folder.resolve("beside")).doesNotExist();
    assertThat(project.resolve("texture.txt")).hasContent("theirs");
    assertThat(Path.of("/tmp/fine")).doesNotExist();
  }

  @Test
  void theNetworkIsThereWhereItIsGranted() throws Exception {
    try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Path blend =
          TestingBlender.scene(
              folder.resolve("hostile.blend"),
              ATTACK.replace("@port@", Integer.toString(listening.getLocalPort())));
      openToOthers(folder);
      try (BlenderSession session =
          start(TestingBlender.installation(), Optional.of(confinement(true, folder)))) {
        var _ = session.open(trusted(blend));
      }
    }
    assertThat(said("socket")).isEqualTo("DONE connected");
    assertThat(said("secret")).startsWith("FAILED");
  }

  @Test
  void memoryAndProcessorTimeAreBlendersOwn() throws Exception {
    try (BlenderSession session =
        start(TestingBlender.installation(), Optional.of(confinement(false)))) {
      ProcessHandle blender = session.process();

      assertThat(session.memory().orElseThrow()).isGreaterThan(50L << 20);
      assertThat(blender.info().totalCpuDuration().orElseThrow()).isPositive();
      assertThat(Files.readString(Path.of("/proc/" + blender.pid() + "/comm"))).contains("blender");
      assertThat(Files.readString(Path.of("/proc/" + blender.pid() + "/oom_score_adj")).strip())
          .isEqualTo("500");
    }
  }

  @Test
  void killingTakesTheWholeSandbox() throws Exception {
    BlenderInstallation peer =
        TestingPeer.create(
            folder,
            "setsid sleep 1010 & env -i setsid sleep 1011 & echo up; while :; do sleep 1; done");
    BlenderSession session = start(peer, Optional.of(confinement(false)));
    while (!output.contains("up")) {
      Thread.onSpinWait();
    }
    ProcessHandle inside = session.process().parent().orElseThrow();
    List<ProcessHandle> tree = new ArrayList<>(inside.descendants().toList());
    assertThat(tree).hasSizeGreaterThan(2);
    tree.add(inside);
    tree.add(inside.parent().orElseThrow());

    session.kill();

    assertThat(tree).noneMatch(LinuxHostTest::runs);
  }

  @Test
  void aBlenderThatIsKilledInsideIsToldFromOneThatEnds() throws Exception {
    BlenderInstallation peer = TestingPeer.create(folder, "read command; kill -KILL $$");
    Path blend = Files.writeString(folder.resolve("a.blend"), "x");
    try (BlenderSession session = start(peer, Optional.of(confinement(false)))) {
      assertThatThrownBy(() -> session.open(trusted(blend)))
          .isInstanceOf(SessionException.class)
          .hasMessageContaining("signal 9");
    }
  }

  @Test
  void aSignalToBlenderInsideIsItsEnd() throws Exception {
    BlenderInstallation peer =
        TestingPeer.create(folder, "trap 'exit 7' TERM; while :; do sleep 0.05; done");
    Path blend = Files.writeString(folder.resolve("a.blend"), "x");
    try (BlenderSession session = start(peer, Optional.of(confinement(false)))) {
      assertThat(session.process().destroy()).isTrue();

      assertThatThrownBy(() -> session.open(trusted(blend))).hasMessageContaining("exit code 7");
    }
  }

  @Test
  void aLinkInThePlaceOfACrashReportIsNotFollowed() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "# backtrace\nthe agent's password");
    BlenderInstallation peer =
        TestingPeer.create(
            folder, "read command; ln -s '%s' \"$TMPDIR/a.crash.txt\"; exit 3".formatted(secret));
    Path blend = Files.writeString(folder.resolve("a.blend"), "x");
    try (BlenderSession session = start(peer, Optional.of(confinement(false)))) {
      assertThatThrownBy(() -> session.open(trusted(blend)))
          .isInstanceOfSatisfying(
              SessionException.class,
              e -> assertThat(String.join("\n", e.lines())).doesNotContain("password"));
    }
  }

  private byte[] render(SceneRequest scene, Optional<Confinement> confinement, Path file)
      throws SessionException, IOException {
    try (BlenderSession session = start(TestingBlender.installation(), confinement)) {
      SceneFacts facts = session.open(scene);
      var cell =
          new Cell(
              new Tile(0, 0, facts.size().width(), facts.size().height()),
              new SampleRange(0, facts.samples()));
      CellRequest request = new CellRequest(1, cell, 0, facts.samples(), false, file);
      var _ = session.render(request);
      return pixels(request.partial());
    }
  }

  /** All of the file behind its header, in which the time of day stands. */
  private static byte[] pixels(Path exr) throws IOException {
    byte[] bytes = Files.readAllBytes(exr);
    int size = 64 * 36 * 4 * 4;
    byte[] pixels = new byte[size];
    System.arraycopy(bytes, bytes.length - size, pixels, 0, size);
    return pixels;
  }

  private Confinement confinement(boolean network, Path... readable) {
    return new Confinement(sandbox(), network, List.of(readable), List.of());
  }

  private BlenderSession start(BlenderInstallation blender, Optional<Confinement> confinement)
      throws SessionException {
    return BlenderSession.start(
        blender,
        new SessionSettings(
            folder.resolve("session-" + output.size()), 1, SessionDeadlines.DEFAULT, confinement),
        line -> output.add(line.text()));
  }

  private static SceneRequest trusted(Path blend) {
    SceneRequest request = TestingBlender.request(blend);
    return new SceneRequest(
        request.blend(),
        request.threads(),
        true,
        request.samples(),
        request.seed(),
        request.useCompositor(),
        request.projectPath(),
        request.workingPath(),
        request.projectFolder(),
        request.dependenciesFolder());
  }

  /** As an agent's workspace is: for whoever sees it. */
  private static void openToOthers(Path tree) throws IOException {
    try (var files = Files.walk(tree)) {
      for (Path path : new ArrayList<>(files.toList())) {
        var permissions = Files.getPosixFilePermissions(path);
        permissions.add(PosixFilePermission.OTHERS_READ);
        if (Files.isDirectory(path)) {
          permissions.add(PosixFilePermission.OTHERS_EXECUTE);
        }
        Files.setPosixFilePermissions(path, permissions);
      }
    }
  }

  private String said(String attempt) {
    String start = "ATTACK " + attempt + " ";
    return output.stream()
        .filter(line -> line.contains(start))
        .map(line -> line.substring(line.indexOf(start) + start.length()))
        .findFirst()
        .orElseThrow(() -> new AssertionError(attempt + " was not tried: " + output));
  }

  private static int userId() throws IOException {
    return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }
}
