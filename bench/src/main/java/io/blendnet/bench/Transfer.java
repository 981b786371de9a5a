package io.blendnet.bench;

import io.blendnet.bench.TransferReport.Aim;
import io.blendnet.bench.TransferReport.Ratio;
import io.blendnet.bench.TransferReport.Run;
import io.blendnet.cli.SendProject;
import io.blendnet.domain.AgentName;
import io.blendnet.domain.TaskName;
import io.blendnet.protocol.AgentConfig;
import io.blendnet.protocol.ClientOptions;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.protocol.WireJson;
import io.blendnet.security.TrustedAuthority;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * How fast files get from the command line into a Manager and on to two agents, all of them
 * programs of their own, against curl with nginx and rsync on the same machine.
 */
final class Transfer {
  private static final int WRONG = 1;
  private static final int USAGE = 2;
  private static final String ADDRESS = "127.0.0.1";
  private static final double AIM = 0.8;
  private static final double SECOND_SUBMISSION = 2;
  private static final long LOOK_MS = 20;
  private static final double PATIENCE = 600;

  private final TransferOptions options;
  private final FarmRoom room;
  private final FarmProcess manager;
  private final List<FarmProcess> agents = new ArrayList<>();
  private final List<Run> runs = new ArrayList<>();
  private final Map<String, Long> peaks = new LinkedHashMap<>();
  private final List<Ratio> ratios = new ArrayList<>();
  private final List<Aim> aims = new ArrayList<>();
  private final List<String> wrong = new ArrayList<>();

  private Transfer(TransferOptions options, FarmRoom room) throws IOException {
    this.options = options;
    this.room = room;
    this.manager = new FarmProcess(room, "manager", "manager");
    for (String name : List.of("agent-1", "agent-2")) {
      agents.add(new FarmProcess(room, "agent", name, "instance-name = " + name, "cores = 1"));
    }
  }

  public static void main(String[] arguments) throws Exception {
    TransferOptions options;
    try {
      options = TransferOptions.parse(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println("bench/transfer: " + e.getMessage());
      System.err.println(TransferOptions.USAGE);
      System.exit(USAGE);
      return;
    }
    FarmRoom room = FarmRoom.open("transfer", "-Xmx" + options.heap() + "m");
    // However this ends, Ctrl-C included: nothing of the farm goes on, nothing stays.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> closeQuietly(room), "exit"));
    TransferReport report = new Transfer(options, room).measure();
    System.out.println(options.json() ? report.json() : report.text());
    System.exit(report.wrong().isEmpty() ? 0 : WRONG);
  }

  private static void closeQuietly(FarmRoom room) {
    try {
      room.close();
    } catch (IOException e) {
      System.err.println("bench/transfer: " + room.folder() + " stays: " + e);
    }
  }

  private TransferReport measure() throws IOException, InterruptedException {
    tell(options.command());
    double loadBefore = load();
    Path scene =
        BenchScene.make(room.folder(), Map.of("--width", 64, "--height", 36, "--samples", 1))
            .file();
    startFarm();
    try (OtherServers others =
            OtherServers.start(
                Files.createDirectories(room.folder().resolve("others")),
                manager.certificate(),
                manager.authority());
        ManagerClient client = client(manager.port())) {
      large(scene, others, client);
      many(scene, others, client);
      peaks.put("nginx", others.nginxPeak());
      if (options.cuts() > 0) {
        cut(scene);
      }
    }
    peaks.put("the Manager", manager.peakMemory());
    agents.forEach(agent -> peaks.put(agent.name(), agent.peakMemory()));
    return new TransferReport(
        options.command(),
        Runtime.getRuntime().availableProcessors(),
        Math.max(loadBefore, load()),
        runs,
        peaks,
        ratios,
        aims,
        wrong);
  }

  private static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  private void startFarm() throws IOException, InterruptedException {
    manager.start();
    try (ManagerClient client = client(manager.port())) {
      for (FarmProcess agent : agents) {
        agent.start();
        client.putAgent(
            new AgentName(agent.name()),
            new AgentConfig(
                ADDRESS,
                agent.port(),
                FarmProcess.USER,
                agent.password(),
                Optional.of(Files.readString(agent.authority())),
                Optional.empty()));
      }
    }
  }

  private ManagerClient client(int port) throws IOException {
    return new ManagerClient(
        ClientOptions.of(
            new ServerAddress(ADDRESS, port),
            TrustedAuthority.load(manager.authority()).clientContext(),
            FarmProcess.USER,
            manager::password));
  }

  private void large(Path scene, OtherServers others, ManagerClient client)
      throws IOException, InterruptedException {
    tell("a file of %,d MB", options.large() / 1_000_000);
    var project =
        TransferProject.make(
            room.folder().resolve("large"), scene, 1, options.large(), options.seed());
    Run curl = curl("a large file: curl to nginx", others, project);
    others.clear();
    Run ours = send("a large file: command line to Manager, never seen before", project, "large");
    ratios.add(Ratio.of("a large file, never seen before: ours to curl", ours, curl));
    aims.add(atLeast("a large file at 0.8 of curl to nginx", ratios.getLast()));
    Run known = again("a large file: once more", project);
    runs.add(known);
    Run onwards = onwards("a large file: Manager to two agents", project, "large", client);
    ratios.add(Ratio.of("a large file, Manager to two agents: ours to curl", onwards, curl));
    aims.add(atLeast("a large file on to two agents at 0.8 of curl to nginx", ratios.getLast()));
    Commands.delete(project.folder());
  }

  private void many(Path scene, OtherServers others, ManagerClient client)
      throws IOException, InterruptedException {
    tell("%,d files of %,d kB", options.files(), options.fileSize() / 1_000);
    var project =
        TransferProject.make(
            room.folder().resolve("many"),
            scene,
            options.files(),
            options.fileSize(),
            options.seed() + 1);
    // Nothing is removed before all have had their turn: ext4 looks for a new file's place beyond
    // those that were removed in the last minutes, one by one.
    Run curl = curl("many files: curl to nginx", others, project);
    Watched synced = others.rsync(project.folder());
    peaks.merge("rsync", synced.peak(), Math::max);
    Run rsync = new Run("many files: rsync, without TLS", project.bytes(), synced.seconds());
    runs.add(rsync);
    runs.add(
        new Run(
            "many files: rsync, and on the disk",
            project.bytes(),
            synced.seconds() + others.sync().seconds()));
    Run ours = send("many files: command line to Manager, never seen before", project, "many");
    ratios.add(Ratio.of("many files, never seen before: ours to curl", ours, curl));
    ratios.add(Ratio.of("many files, never seen before: ours to rsync", ours, rsync));
    aims.add(atLeast("many files at 0.8 of rsync", ratios.getLast()));
    Run known = again("many files: once more", project);
    runs.add(known);
    aims.add(
        new Aim(
            "the second submission of %,d files below 2 s".formatted(options.files()),
            "%.2f s".formatted(known.seconds()),
            known.seconds() < SECOND_SUBMISSION));
    Run onwards = onwards("many files: Manager to two agents", project, "many", client);
    ratios.add(Ratio.of("many files, Manager to two agents: ours to rsync", onwards, rsync));
    aims.add(atLeast("many files on to two agents at 0.8 of rsync", ratios.getLast()));
    others.clear();
    Commands.delete(project.folder());
  }

  private static Aim atLeast(String what, Ratio ratio) {
    return new Aim(what, "%.2f".formatted(ratio.value()), ratio.value() >= AIM);
  }

  private Run curl(String what, OtherServers others, TransferProject project)
      throws IOException, InterruptedException {
    Watched uploaded = others.curl(project.files());
    peaks.merge("curl", uploaded.peak(), Math::max);
    Run run = new Run(what, project.bytes(), uploaded.seconds());
    runs.add(run);
    // nginx leaves it to the system when an upload reaches the disk; ours has it there.
    double onDisk = uploaded.seconds() + others.sync().seconds();
    runs.add(new Run(what + ", and on the disk", project.bytes(), onDisk));
    return run;
  }

  /** A first submission, of two frames, so that each agent takes one. */
  private Run send(String what, TransferProject project, String name)
      throws IOException, InterruptedException {
    // Files that changed just now are not trusted to stay as they are.
    Thread.sleep(2_500);
    SendProject.Sent sent = submit(manager.port(), project.folder(), name + "-1", name + "-2");
    // The scene is the same in all projects, so it is there already but for the first.
    int scenes = sent.sentFiles() - project.files().size();
    if (scenes < 0 || scenes > 1) {
      wrong.add("%s: %d files sent".formatted(what, sent.sentFiles()));
    }
    Run run = new Run(what, project.bytes(), sent.seconds());
    runs.add(run);
    return run;
  }

  private Run again(String what, TransferProject project) throws IOException, InterruptedException {
    SendProject.Sent sent = submit(manager.port(), project.folder(), "again");
    if (sent.sentBytes() != 0) {
      wrong.add("%s: %,d bytes of files sent".formatted(what, sent.sentBytes()));
    }
    aims.add(
        new Aim(what + ": no byte of a file", sent.sentBytes() + " bytes", sent.sentBytes() == 0));
    try (ManagerClient client = client(manager.port())) {
      client.remove(new TaskName("again"));
    }
    return new Run(what, project.bytes(), sent.seconds() + sent.attaching());
  }

  private SendProject.Sent submit(int port, Path folder, String... tasks)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home", ""), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:+UseCompactObjectHeaders",
                "--enable-native-access=ALL-UNNAMED",
                // As ./blendnet starts the command: with what the JVM learnt when it was built.
                "-XX:AOTCache=" + System.getProperty("blendnet.aot-cache", ""),
                "-Xlog:aot*=off",
                "-Xlog:cds*=off",
                "-cp",
                System.getProperty("blendnet.jar", "")
                    + File.pathSeparator
                    + System.getProperty("blendnet.classes", ""),
                SendProject.class.getName(),
                String.valueOf(port),
                FarmProcess.USER,
                manager.secret().toString(),
                manager.authority().toString(),
                folder.toString()));
    command.addAll(List.of(tasks));
    Watched watched = Watched.run(room.command(command), room.folder());
    peaks.merge("the command line", watched.peak(), Math::max);
    String answer = watched.output().strip();
    return WireJson.read(
        answer.substring(answer.lastIndexOf('{')).getBytes(StandardCharsets.UTF_8),
        SendProject.Sent.class);
  }

  /** Has both tasks run, and waits until each agent has all files. */
  private Run onwards(String what, TransferProject project, String name, ManagerClient client)
      throws IOException, InterruptedException {
    var absent =
        new ArrayList<>(
            agents.stream().map(agent -> new TransferProject.Absent(project, agent)).toList());
    List<TaskName> tasks = List.of(new TaskName(name + "-1"), new TaskName(name + "-2"));
    long begin = System.nanoTime();
    for (TaskName task : tasks) {
      client.run(task);
    }
    while (!absent.isEmpty() && seconds(begin) < PATIENCE) {
      Thread.sleep(LOOK_MS);
      absent.removeIf(TransferProject.Absent::isNone);
    }
    if (!absent.isEmpty()) {
      wrong.add(what + ": an agent lacks files after all: " + manager.lastWords());
    }
    Run run = new Run(what, project.bytes() * agents.size(), seconds(begin));
    runs.add(run);
    for (TaskName task : tasks) {
      end(client, task);
    }
    return run;
  }

  private static void end(ManagerClient client, TaskName task)
      throws IOException, InterruptedException {
    try {
      client.stop(task);
    } catch (FarmException.Refused e) {
      // It is done.
    }
  }

  private static double seconds(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }

  /** The large file once more, in other words, over a line that is cut at random. */
  private void cut(Path scene) throws IOException, InterruptedException {
    tell(
        "a file of %,d MB over a line that is cut %d times",
        options.large() / 1_000_000, options.cuts());
    var project =
        TransferProject.make(
            room.folder().resolve("cut"), scene, 1, options.large(), options.seed() + 2);
    try (FaultyLine line = FaultyLine.to(manager.port());
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      long begin = System.nanoTime();
      Future<SendProject.Sent> sending =
          threads.submit(() -> submit(line.port(), project.folder(), "cut"));
      int cuts = cut(line, sending);
      sending.get();
      runs.add(
          new Run(
              "a large file, never seen before, cut %d times".formatted(cuts),
              project.bytes(),
              seconds(begin)));
      long again = line.passed() - project.bytes();
      boolean arrived = new TransferProject.Absent(project, manager).isNone();
      aims.add(
          new Aim(
              "cut %d times: the file arrives right".formatted(cuts),
              arrived && cuts == options.cuts() ? "it does" : "it does not",
              arrived && cuts == options.cuts()));
      aims.add(
          new Aim(
              "cut %d times: over the line twice at most what was in flight, 8 MB a cut"
                  .formatted(cuts),
              "%.1f MB a cut".formatted(again / 1e6 / cuts),
              again <= 8_000_000L * cuts));
    } catch (ExecutionException e) {
      throw new IOException("The file did not get through", e);
    }
    Commands.delete(project.folder());
  }

  private int cut(FaultyLine line, Future<?> sending) throws InterruptedException {
    var random = new SplittableRandom(options.seed());
    // On average they leave something to be sent behind the last.
    long most = 2 * options.large() / (options.cuts() + 4);
    int cuts = 0;
    while (cuts < options.cuts() && !sending.isDone()) {
      line.resetAfter(random.nextLong(1, most));
      while (!line.isReset() && !sending.isDone()) {
        Thread.sleep(1);
      }
      cuts += line.isReset() ? 1 : 0;
    }
    return cuts;
  }

  /** News go where they are not in the way of what is asked for. */
  private static void tell(String format, Object... arguments) {
    System.err.printf(format + "%n", arguments);
  }
}
