package io.blendnet.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.blendnet.blender.BlenderInstallation;
import io.blendnet.blender.HostMemory;
import io.blendnet.blender.HostSystem;
import io.blendnet.domain.AgentName;
import io.blendnet.domain.Cell;
import io.blendnet.protocol.AgentClient;
import io.blendnet.protocol.ClientOptions;
import io.blendnet.protocol.LeaseOrder;
import io.blendnet.protocol.ManagerIdentity;
import io.blendnet.protocol.OfferedFile;
import io.blendnet.protocol.ReportPage;
import io.blendnet.protocol.SceneOrder;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.protocol.TransferProgress;
import io.blendnet.protocol.WorkReport;
import io.blendnet.protocol.WorkStep;
import io.blendnet.security.Credentials;
import io.blendnet.security.FarmAuthority;
import io.blendnet.server.LogBuffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/** An agent on loopback, with a client in the place of its Manager. */
final class TestingAgent implements AutoCloseable {
  static final String FARM = "farm-of-the-test";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final TransferProgress SILENT = TransferProgress.NONE;

  /** Held, because loggers that nobody holds forget their level. */
  private static final Logger HELIDON = Logger.getLogger("io.helidon");

  static {
    HELIDON.setLevel(Level.WARNING);
  }

  private static final Supplier<HostMemory> MEMORY = HostSystem.current()::memory;

  /** A machine of these tests has a sandbox. */
  static final ScenePolicy CONFINED = policy(ScenePolicy.SandboxUse.REQUIRED);

  /** For programs in Blender's place that have to see the test's folder. */
  static final ScenePolicy FREE = policy(ScenePolicy.SandboxUse.OFF);

  private static ScenePolicy policy(ScenePolicy.SandboxUse use) {
    return new ScenePolicy(use, ScenePolicy.Scripts.SANDBOXED, false, List.of());
  }

  private final AgentServer server;
  private final ClientOptions options;
  private final AgentClient client;
  private final List<WorkReport> reports = new ArrayList<>();
  private long lastReport;
  private String boot = "";

  /** How curl reaches the agent: its options, in a private file. */
  private final Path curlOptions;

  private final Path data;

  private TestingAgent(AgentServer server, ClientOptions options, Path curlOptions, Path data) {
    this.server = server;
    this.options = options;
    this.client = new AgentClient(options, manager(1, "first"));
    this.curlOptions = curlOptions;
    this.data = data;
  }

  static TestingAgent start(Path folder) throws IOException, InterruptedException {
    return start(folder, TestingScene.blender(), AgentLimits.DEFAULT);
  }

  static TestingAgent start(Path folder, BlenderInstallation blender, AgentLimits limits)
      throws IOException, InterruptedException {
    TestingAgent agent = startUnattached(folder, blender, limits);
    var _ = agent.client().attach();
    return agent;
  }

  /** One whose owner allows scenes more or less than usual. */
  static TestingAgent start(Path folder, ScenePolicy scenes)
      throws IOException, InterruptedException {
    TestingAgent agent =
        startUnattached(
            folder, TestingScene.blender(), AgentLimits.DEFAULT, scenes, ShelfRoom::diskOf, MEMORY);
    var _ = agent.client().attach();
    return agent;
  }

  /** One with another program for Blender. */
  static TestingAgent start(Path folder, Path blender, ScenePolicy scenes)
      throws IOException, InterruptedException {
    BlenderInstallation real = TestingScene.blender();
    BlenderInstallation other =
        new BlenderInstallation(
            blender,
            real.kind(),
            real.version(),
            real.versionString(),
            real.buildDate(),
            real.denoising(),
            real.folders());
    TestingAgent agent =
        startUnattached(folder, other, AgentLimits.DEFAULT, scenes, ShelfRoom::diskOf, MEMORY);
    var _ = agent.client().attach();
    return agent;
  }

  private static ScenePolicy policyFor(BlenderInstallation blender) {
    return blender.equals(TestingScene.blender()) ? CONFINED : FREE;
  }

  /** One that no Manager has taken over yet. */
  static TestingAgent startUnattached(Path folder) throws IOException {
    return startUnattached(folder, TestingScene.blender(), AgentLimits.DEFAULT);
  }

  /** One whose disk is as full as a gauge says. */
  static TestingAgent start(Path folder, BlenderInstallation blender, ShelfRoom.Gauge disk)
      throws IOException, InterruptedException {
    TestingAgent agent =
        startUnattached(
            folder, blender, AgentLimits.DEFAULT, policyFor(blender), _ -> disk, MEMORY);
    var _ = agent.client().attach();
    return agent;
  }

  /** One whose machine has as much memory as is said. */
  static TestingAgent start(Path folder, Supplier<HostMemory> memory)
      throws IOException, InterruptedException {
    TestingAgent agent =
        startUnattached(
            folder,
            TestingScene.blender(),
            AgentLimits.DEFAULT,
            CONFINED,
            ShelfRoom::diskOf,
            memory);
    var _ = agent.client().attach();
    return agent;
  }

  static TestingAgent startUnattached(Path folder, BlenderInstallation blender, AgentLimits limits)
      throws IOException {
    return startUnattached(folder, blender, limits, policyFor(blender), ShelfRoom::diskOf, MEMORY);
  }

  private static TestingAgent startUnattached(
      Path folder,
      BlenderInstallation blender,
      AgentLimits limits,
      ScenePolicy scenes,
      Function<DeliveryShelf, ShelfRoom.Gauge> disk,
      Supplier<HostMemory> memory)
      throws IOException {
    FarmAuthority authority = FarmAuthority.openOrCreate(folder.resolve("authority"));
    Credentials user = Credentials.generate("manager");
    Path data = folder.resolve("data");
    AgentServer server =
        AgentServer.start(
            new AgentOptions(
                new AgentName("tester"),
                "127.0.0.1",
                0,
                authority.issue("tester", List.of("localhost", "127.0.0.1")),
                user,
                data,
                2,
                blender,
                limits,
                scenes,
                "1.2.3"),
            new LogBuffer(),
            disk,
            memory);
    ClientOptions options =
        ClientOptions.of(
            new ServerAddress("127.0.0.1", server.port()),
            authority.trusted().clientContext(),
            user.user(),
            () -> user.password().reveal());
    Path curlOptions = folder.resolve("curl.conf");
    Files.writeString(
        curlOptions,
        """
        silent
        show-error
        cacert = "%s"
        user = "%s:%s"
        """
            .formatted(
                folder.resolve("authority").resolve(FarmAuthority.CERTIFICATE_FILE),
                user.user(),
                user.password().reveal()));
    return new TestingAgent(server, options, curlOptions, data);
  }

  static ManagerIdentity manager(long epoch, String start) {
    return new ManagerIdentity(FARM, epoch, start);
  }

  /** How another Manager reaches the agent. */
  AgentClient clientOf(ManagerIdentity manager) {
    return new AgentClient(options, manager);
  }

  AgentServer server() {
    return server;
  }

  AgentClient client() {
    return client;
  }

  Path data() {
    return data;
  }

  int port() {
    return server.port();
  }

  /** Uploads the files of the tiny scene and names them as a Manager does. */
  SceneOrder upload(TestingScene scene, Optional<Integer> samples) throws Exception {
    Map<String, String> files = new HashMap<>();
    files.put("project/scene.blend", upload(scene.blend()));
    files.put("ext_deps" + scene.texture(), upload(scene.texture()));
    return new SceneOrder(
        "project/scene.blend",
        Optional.of(scene.project().toString()),
        Optional.empty(),
        files,
        samples,
        Optional.empty(),
        true,
        false);
  }

  /** Uploads a blob. */
  String upload(Path file) throws Exception {
    OfferedFile offered = OfferedFile.read(file);
    client.sendFiles(List.of(offered), SILENT);
    return offered.blob().sha256();
  }

  void lease(long lease, SceneOrder scene, WorkStep... steps) throws Exception {
    client.putLease(order(lease, scene, steps));
  }

  static LeaseOrder order(long lease, SceneOrder scene, WorkStep... steps) {
    return new LeaseOrder(FARM, "a task", lease, 1, 1, scene, List.of(steps));
  }

  static WorkStep render(int number, Cell cell) {
    return new WorkStep.Render(number, cell, 0, false);
  }

  /** All reports so far. */
  List<WorkReport> reports() {
    return reports;
  }

  String boot() {
    return boot;
  }

  /** Reads on in the reports until one is as wanted. */
  <T extends WorkReport> T awaitReport(Class<T> kind, Predicate<T> wanted) throws Exception {
    Instant deadline = Instant.now().plus(PATIENCE);
    int from = 0;
    while (Instant.now().isBefore(deadline)) {
      for (; from < reports.size(); from++) {
        if (kind.isInstance(reports.get(from)) && wanted.test(kind.cast(reports.get(from)))) {
          return kind.cast(reports.get(from));
        }
      }
      readOn(Duration.ofSeconds(2));
    }
    throw new AssertionError("No such report came; there are " + reports);
  }

  /** The report of a cell; a failed lease fails the test. */
  WorkReport.Rendered awaitCell(long lease, int cell) throws Exception {
    WorkReport report =
        awaitReport(
            WorkReport.OfLease.class,
            candidate ->
                candidate.lease() == lease
                    && (candidate instanceof WorkReport.Failed
                        || (candidate instanceof WorkReport.Rendered rendered
                            && rendered.cell() == cell)));
    assertThat(report).isInstanceOf(WorkReport.Rendered.class);
    return (WorkReport.Rendered) report;
  }

  WorkReport.Failed awaitFailure(long lease) throws Exception {
    return awaitReport(WorkReport.Failed.class, failed -> failed.lease() == lease);
  }

  /** Waits until Blender is at a cell. */
  void awaitRendering(long lease, int cell) throws Exception {
    awaitReport(
        WorkReport.Activity.class,
        activity -> activity.lease() == lease && activity.cell().equals(Optional.of(cell)));
  }

  /** Waits until somebody waits for reports. */
  void awaitWaitingForReports() {
    await().until(server::isWaitedForReports);
  }

  void readOn(Duration wait) throws Exception {
    ReportPage page = client.reports(lastReport, wait);
    boot = page.boot();
    lastReport = page.last();
    reports.addAll(page.reports());
  }

  Path fetch(WorkReport.DeliveryInfo delivery, Path target) throws Exception {
    client.fetchDelivery(delivery, target, SILENT);
    return target;
  }

  /** What curl prints for a request to a path under {@code /api/v1/}. */
  String curl(String path, String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of("curl", "--config", curlOptions.toString()));
    command.addAll(List.of(options));
    command.add("https://localhost:" + port() + "/api/v1/" + path);
    Process curl = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(curl.waitFor()).as(output).isZero();
    return output;
  }

  /** Blenders that this test's process has started and that run. */
  static List<ProcessHandle> blenders() {
    return ProcessHandle.current()
        .descendants()
        .filter(process ->
            process.info().command().filter(command -> command.endsWith("/blender")).isPresent())
        .toList();
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
