package io.blendnet.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.blendnet.agent.ScenePolicy.SandboxUse;
import io.blendnet.agent.ScenePolicy.Scripts;
import io.blendnet.domain.Cell;
import io.blendnet.domain.FailureKind;
import io.blendnet.domain.SampleRange;
import io.blendnet.domain.Tile;
import io.blendnet.exr.ExrReader;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.WireJson;
import io.blendnet.protocol.WorkReport;
import io.blendnet.protocol.WorkStep;
import io.blendnet.security.FarmAuthority;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A scene whose registered script attacks the agent that renders it, in a real Blender. */
class HostileSceneTest {
  private static final Cell CELL =
      new Cell(
          new Tile(0, 0, TestingScene.WIDTH, TestingScene.HEIGHT),
          new SampleRange(0, TestingScene.SAMPLES));

  /** Adds a script to the scene that runs when the scene is opened. */
  private static final String MAKE =
      """
      import bpy, sys
      blend, script = sys.argv[sys.argv.index('--') + 1:]
      text = bpy.data.texts.new('attack.py')
      text.from_string(open(script).read())
      text.use_module = True
      bpy.ops.wm.save_as_mainfile(filepath=blend, relative_remap=False)
      """;

  private static final String ATTACK =
      """
      import bpy, os, socket, subprocess
      def attempt(name, deed):
          try:
              print('ATTACK', name, 'DONE', deed())
          except BaseException as e:
              print('ATTACK', name, 'FAILED', type(e).__name__, e)
      def read(path):
          return open(path, errors='replace').read()
      def write(path):
          with open(path, 'w') as file:
              file.write('mine')
          return 'written'
      def connect():
          s = socket.create_connection(('127.0.0.1', @port@), 5)
          return 'connected'
      def curl():
          return subprocess.run(
              ['curl', '--silent', '--show-error', '--insecure', 'https://127.0.0.1:@port@/'],
              capture_output=True, text=True, timeout=20).stderr
      def processes():
          commands = [read(f'/proc/{p}/cmdline') for p in os.listdir('/proc') if p.isdigit()]
          return [c for c in commands if 'java' in c]
      def signals():
          os.kill(@pid@, 0)
          return 'reached'
      data = '@data@'
      attempt('password', lambda: read('@password@'))
      attempt('authority', lambda: read('@authority@'))
      attempt('blobs', lambda: os.listdir(data + '/blobs'))
      attempt('data', lambda: sorted(os.listdir(data)))
      attempt('rooms', lambda: len(os.listdir(data + '/blenders')))
      attempt('scene', lambda: write(bpy.data.filepath))
      attempt('texture', lambda: write('@texture@'))
      attempt('outside', lambda: write('@outside@'))
      attempt('shadow', lambda: read('/etc/shadow'))
      attempt('socket', connect)
      attempt('curl', curl)
      attempt('processes', processes)
      attempt('signal', signals)
      attempt('environment', lambda: ' '.join(sorted(os.environ)))
      """;

  @TempDir Path folder;

  @Test
  void itReachesNothingOfTheAgentsAndRendersTheSameFrame() throws Exception {
    try (TestingAgent agent = TestingAgent.start(folder, TestingAgent.CONFINED)) {
      Path outside = folder.resolve("outside");
      SceneOrder plain = upload(agent, attack(agent, outside));
      SceneOrder trusted = trusted(plain);
      agent.lease(1, plain, new WorkStep.Open(), TestingAgent.render(0, CELL));
      Path expected = agent.fetch(agent.awaitCell(1, 0).delivery(), folder.resolve("plain.exr"));
      assertThat(said(agent)).as("not trusted, not run").isEmpty();

      agent.lease(2, trusted, new WorkStep.Open(), TestingAgent.render(0, CELL));

      Path rendered = agent.fetch(agent.awaitCell(2, 0).delivery(), folder.resolve("attack.exr"));
      assertSamePixels(rendered, expected);
      Map<String, String> said = said(agent);
      for (String name : List.of("password", "authority", "blobs")) {
        assertThat(said.get(name)).as(name).startsWith("FAILED FileNotFoundError");
      }
      assertThat(said.get("data")).isEqualTo("DONE ['blenders']");
      assertThat(said.get("rooms")).as("its own").isEqualTo("DONE 1");
      assertThat(said.get("scene")).startsWith("FAILED OSError").contains("Read-only");
      assertThat(said.get("texture")).startsWith("FAILED OSError").contains("Read-only");
      assertThat(outside).doesNotExist();
      assertThat(said.get("shadow")).startsWith("FAILED");
      assertThat(said.get("socket")).contains("scene-network = yes");
      assertThat(said.get("curl")).as("by another program").contains("Couldn't connect");
      assertThat(said.get("processes")).isEqualTo("DONE []");
      assertThat(said.get("signal")).startsWith("FAILED ProcessLookupError");
      assertThat(said.get("environment")).doesNotContain("JAVA").contains("BLENDNET_NETWORK");
    }
  }

  @Test
  void whereThereIsNoSandboxItsTaskIsRefusedWithTheReasonAndItsFrameStillRenders()
      throws Exception {
    try (TestingAgent agent = TestingAgent.start(folder, TestingAgent.FREE)) {
      SceneOrder plain = upload(agent, "print('ATTACK it DONE')");
      agent.lease(1, plain, new WorkStep.Open(), TestingAgent.render(0, CELL));
      var _ = agent.awaitCell(1, 0);

      agent.lease(2, trusted(plain), new WorkStep.Open());

      WorkReport.Failed failed = agent.awaitFailure(2);
      assertThat(failed.failure()).isEqualTo(FailureKind.REFUSED);
      assertThat(failed.message()).contains("scene-scripts = unconfined");
      assertThat(said(agent)).isEmpty();
      JsonNode info = WireJson.readTree(agent.curl("info").getBytes(StandardCharsets.UTF_8));
      assertThat(info.at("/data/scenes/sandboxed").asBoolean()).isFalse();
      assertThat(info.at("/data/scenes/trusted_scripts").asBoolean()).isFalse();
      assertThat(info.at("/data/scenes/sandbox").asString()).contains("switched it off");
    }
  }

  @Test
  void theOwnerMayAllowItsScriptsWithoutASandbox() throws Exception {
    ScenePolicy policy = new ScenePolicy(SandboxUse.OFF, Scripts.UNCONFINED, false, List.of());
    try (TestingAgent agent = TestingAgent.start(folder, policy)) {
      SceneOrder order = trusted(upload(agent, "print('ATTACK it DONE')"));
      agent.lease(1, order, new WorkStep.Open(), TestingAgent.render(0, CELL));
      var _ = agent.awaitCell(1, 0);

      assertThat(said(agent)).containsEntry("it", "DONE");
    }
  }

  @Test
  void theOwnerMayGrantTheNetworkAndFurtherFolders() throws Exception {
    Path more = Files.createDirectory(folder.resolve("more"));
    Files.setPosixFilePermissions(more, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(more.resolve("module.txt"), "shared");
    ScenePolicy policy =
        new ScenePolicy(SandboxUse.REQUIRED, Scripts.SANDBOXED, true, List.of(more));
    try (TestingAgent agent = TestingAgent.start(folder, policy)) {
      String script =
          """
          import socket
          s = socket.create_connection(('127.0.0.1', %d), 5)
          print('ATTACK socket connected')
          print('ATTACK more', open('%s/module.txt').read())
          """
              .formatted(agent.port(), more);
      agent.lease(1, trusted(upload(agent, script)), new WorkStep.Open());
      var _ =
          agent.awaitReport(
              WorkReport.Messages.class,
              messages -> messages.lines().contains("ATTACK more shared"));

      assertThat(said(agent)).containsEntry("socket", "connected");
    }
  }

  @Test
  void aLinkInThePlaceOfAResultIsNotDelivered() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "the agent's password");
    LyingBlender blender = LyingBlender.in(folder);
    try (TestingAgent agent =
        TestingAgent.start(folder, blender.installation(), AgentLimits.DEFAULT)) {
      blender.spoilNext("link " + secret);
      SceneOrder order = agent.upload(TestingScene.make(), Optional.empty());
      agent.lease(1, order, TestingAgent.render(0, CELL));

      assertThat(agent.awaitFailure(1).failure()).isEqualTo(FailureKind.BLENDER);
      assertThat(secret).hasContent("the agent's password");
      try (Stream<Path> shelved = Files.list(agent.data().resolve("deliveries"))) {
        assertThat(shelved).isEmpty();
      }
    }
  }

  @Test
  void aBlenderThatCannotLiveInTheSandboxRendersWithoutIt() throws Exception {
    Path needed = Files.writeString(folder.resolve("needed"), "");
    Path program = folder.resolve("blender-with-needs");
    Files.writeString(
        program,
        """
        #!/bin/sh
        test -e '%s' || { echo 'a part of mine is missing'; exit 1; }
        exec '%s' "$@"
        """
            .formatted(needed, TestingScene.blender().executable()));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (TestingAgent agent = TestingAgent.start(folder, program, ScenePolicy.DEFAULT)) {
      SceneOrder order = agent.upload(TestingScene.make(), Optional.empty());
      agent.lease(1, order, new WorkStep.Open(), TestingAgent.render(0, CELL));
      var _ = agent.awaitCell(1, 0);

      agent.lease(2, trusted(order), new WorkStep.Open());

      assertThat(agent.awaitFailure(2).message()).contains("a part of mine is missing");
    }
  }

  private String attack(TestingAgent agent, Path outside) {
    return ATTACK
        .replace("@port@", Integer.toString(agent.port()))
        .replace("@pid@", Long.toString(ProcessHandle.current().pid()))
        .replace("@data@", agent.data().toString())
        .replace("@password@", folder.resolve("curl.conf").toString())
        .replace("@authority@", authorityKey().toString())
        .replace("@texture@", "/proc/self/cwd/../workspace/project/scene.blend")
        .replace("@outside@", outside.toString());
  }

  private Path authorityKey() {
    Path key = folder.resolve("authority").resolve(FarmAuthority.KEY_FILE);
    assertThat(key).isRegularFile();
    return key;
  }

  private SceneOrder upload(TestingAgent agent, String script) throws Exception {
    TestingScene scene = TestingScene.make();
    Path blend = withScript(scene.blend(), script);
    Map<String, String> files = new HashMap<>();
    files.put("project/scene.blend", agent.upload(blend));
    files.put("ext_deps" + scene.texture(), agent.upload(scene.texture()));
    return new SceneOrder(
        "project/scene.blend",
        Optional.of(scene.project().toString()),
        Optional.empty(),
        files,
        Optional.empty(),
        Optional.empty(),
        true,
        false);
  }

  private static SceneOrder trusted(SceneOrder order) {
    return new SceneOrder(
        order.project(),
        order.projectPath(),
        order.workingPath(),
        order.files(),
        order.samples(),
        order.seed(),
        order.useCompositor(),
        true);
  }

  private Path withScript(Path scene, String script) throws IOException, InterruptedException {
    Path make = Files.writeString(folder.resolve("make.py"), MAKE);
    Path attack = Files.writeString(folder.resolve("attack.py"), script);
    Path blend = folder.resolve("hostile.blend");
    Process blender =
        new ProcessBuilder(
                TestingScene.blender().executable().toString(),
                "-b",
                "--factory-startup",
                "-noaudio",
                "--disable-autoexec",
                "--python-exit-code",
                "42",
                scene.toString(),
                "-P",
                make.toString(),
                "--",
                blend.toString(),
                attack.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("make.log").toFile())
            .start();
    assertThat(blender.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(blender.exitValue()).as(Files.readString(folder.resolve("make.log"))).isZero();
    return blend;
  }

  /** What the script printed, as the task's messages have it. */
  private static Map<String, String> said(TestingAgent agent) {
    Map<String, String> said = new HashMap<>();
    agent.reports().stream()
        .filter(WorkReport.Messages.class::isInstance)
        .flatMap(report -> ((WorkReport.Messages) report).lines().stream())
        .filter(line -> line.startsWith("ATTACK "))
        .map(line -> line.split(" ", 3))
        .forEach(words -> said.put(words[1], words[2]));
    return said;
  }

  private static void assertSamePixels(Path one, Path other) throws IOException {
    try (ExrReader first = ExrReader.open(one);
        ExrReader second = ExrReader.open(other)) {
      assertThat(first.header().channels()).isEqualTo(second.header().channels());
      for (var channel : first.header().channels()) {
        assertThat(first.plane(channel.name())).isEqualTo(second.plane(channel.name()));
      }
    }
  }
}
