package io.blendnet.bench;

import io.blendnet.domain.AgentName;
import io.blendnet.protocol.AgentConfig;
import io.blendnet.protocol.ClientOptions;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.security.TrustedAuthority;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * A Manager and agents that are processes of their own, each agent reached by a {@link FaultyLine}
 * and with a Blender whose orders are written down.
 */
final class ChaosFarm implements Closeable {
  private static final String ADDRESS = "127.0.0.1";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** An agent of the farm. */
  record Machine(FarmProcess agent, FaultyLine line, BegunCells cells, AtomicBoolean isFaulty) {
    String name() {
      return agent.name();
    }
  }

  private final FarmRoom room;
  private final FarmProcess manager;
  private final AtomicBoolean managerIsFaulty = new AtomicBoolean();
  private final List<Machine> machines = new ArrayList<>();
  private final ManagerClient client;
  private final ManagerClient hastyClient;

  private ChaosFarm(FarmRoom room, FarmProcess manager) throws IOException {
    this.room = room;
    this.manager = manager;
    ClientOptions options = options(manager);
    this.client = new ManagerClient(options);
    this.hastyClient =
        new ManagerClient(
            options.withTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(10)).withAttempts(1));
  }

  /** Starts all and waits until the Manager has all agents. */
  static ChaosFarm start(FarmRoom room, int agents) throws IOException, InterruptedException {
    var manager = new FarmProcess(room, "manager", "manager");
    manager.start();
    var farm = new ChaosFarm(room, manager);
    try {
      for (int number = 1; number <= agents; number++) {
        farm.prepare("agent-" + number);
      }
      farm.startAgents();
      List<String> lost = farm.awaitAgents();
      if (!lost.isEmpty()) {
        throw new IOException("The farm does not start: " + lost);
      }
      return farm;
    } catch (IOException | InterruptedException | RuntimeException e) {
      farm.close();
      throw e;
    }
  }

  private static ClientOptions options(FarmProcess manager) throws IOException {
    return ClientOptions.of(
        new ServerAddress(ADDRESS, manager.port()),
        TrustedAuthority.load(manager.authority()).clientContext(),
        FarmProcess.USER,
        manager::password);
  }

  private void prepare(String name) throws IOException {
    var cells =
        new BegunCells(name, room.folder().resolve("blender-of-" + name), executable("blender"));
    var agent =
        new FarmProcess(
            room,
            "agent",
            name,
            "instance-name = " + name,
            "cores = 1",
            "blender = " + cells.program());
    machines.add(new Machine(agent, FaultyLine.toNowhere(), cells, new AtomicBoolean()));
  }

  /** All at once. */
  private void startAgents() throws IOException, InterruptedException {
    try (var starting = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Void>> starts = new ArrayList<>();
      for (Machine machine : machines) {
        starts.add(() -> {
          restart(machine);
          introduce(machine);
          return null;
        });
      }
      for (Future<Void> start : starting.invokeAll(starts)) {
        start.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("The farm does not start", e);
    }
  }

  private void introduce(Machine machine) throws IOException, InterruptedException {
    client.putAgent(
        new AgentName(machine.name()),
        new AgentConfig(
            ADDRESS,
            machine.line().port(),
            FarmProcess.USER,
            machine.agent().password(),
            Optional.of(Files.readString(machine.agent().authority())),
            Optional.empty()));
  }

  private static Path executable(String name) throws IOException {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new IOException("There is no " + name + " on PATH"));
  }

  /** Waits until the Manager works with all agents; says which it does not work with. */
  List<String> awaitAgents() throws IOException, InterruptedException {
    Instant end = Instant.now().plus(PATIENCE);
    List<String> lost = lostAgents();
    while (!lost.isEmpty() && Instant.now().isBefore(end)) {
      Thread.sleep(100);
      lost = lostAgents();
    }
    return lost;
  }

  private List<String> lostAgents() throws IOException, InterruptedException {
    return client.resources().agents().values().stream()
        .filter(agent -> !agent.active())
        .map(agent -> agent.name() + " is out of reach: " + agent.error().orElse(""))
        .sorted()
        .toList();
  }

  /** Tries again when the Manager does not answer. */
  ManagerClient client() {
    return client;
  }

  /** Gives up soon: for what is asked again and again while the Manager may be gone. */
  ManagerClient hastyClient() {
    return hastyClient;
  }

  List<Machine> machines() {
    return List.copyOf(machines);
  }

  /** All cells that any agent has begun so far. */
  List<BegunCells.Begun> begun() throws IOException {
    var all = new ArrayList<BegunCells.Begun>();
    for (Machine machine : machines) {
      all.addAll(machine.cells().look());
    }
    return all;
  }

  /**
   * Has a planned fault happen and end, to something that no other fault is at; returns when it has
   * ended.
   */
  SufferedFault suffer(FaultPlan.Planned planned) throws IOException, InterruptedException {
    if (planned.kind().isOfManager()) {
      while (!managerIsFaulty.compareAndSet(false, true)) {
        Thread.sleep(50);
      }
      try {
        Instant begin = Instant.now();
        sufferManager(planned);
        return new SufferedFault(planned.kind(), manager.name(), begin, Instant.now());
      } finally {
        managerIsFaulty.set(false);
      }
    }
    Machine machine = takeMachine(planned.agent());
    try {
      Instant begin = Instant.now();
      suffer(planned, machine);
      return new SufferedFault(planned.kind(), machine.name(), begin, Instant.now());
    } finally {
      machine.isFaulty().set(false);
    }
  }

  private void sufferManager(FaultPlan.Planned planned) throws IOException, InterruptedException {
    if (planned.kind() == FaultKind.MANAGER_KILLED) {
      manager.kill();
      Thread.sleep(planned.lasting());
      manager.start();
      return;
    }
    manager.suspend();
    try {
      Thread.sleep(planned.lasting());
    } finally {
      manager.resume();
    }
  }

  private Machine takeMachine(int choice) throws InterruptedException {
    while (true) {
      List<Machine> well = machines.stream().filter(one -> !one.isFaulty().get()).toList();
      // One is always left to go on.
      if (well.size() > 1) {
        Machine chosen = well.get(choice % well.size());
        if (chosen.isFaulty().compareAndSet(false, true)) {
          return chosen;
        }
      }
      Thread.sleep(50);
    }
  }

  private static void suffer(FaultPlan.Planned planned, Machine machine)
      throws IOException, InterruptedException {
    FarmProcess agent = machine.agent();
    switch (planned.kind()) {
      case AGENT_KILLED -> {
        agent.kill();
        Thread.sleep(planned.lasting());
        restart(machine);
      }
      case AGENT_TERMINATED -> {
        agent.terminate();
        Optional<String> wrong = agent.awaitEnd();
        Thread.sleep(planned.lasting());
        restart(machine);
        if (wrong.isPresent()) {
          throw new IOException(wrong.get());
        }
      }
      case AGENT_SUSPENDED -> {
        agent.suspend();
        try {
          Thread.sleep(planned.lasting());
        } finally {
          agent.resume();
        }
      }
      case BLENDER_KILLED -> agent.killBlenders();
      case LINE_CUT, LINE_CUT_TO_AGENT, LINE_CUT_FROM_AGENT, LINE_RESETTING, LINE_SLOW -> {
        machine.line().suffer(planned.kind().line().orElseThrow());
        Thread.sleep(planned.lasting());
        machine.line().suffer(FaultyLine.Fault.NONE);
      }
      case MANAGER_KILLED, MANAGER_SUSPENDED ->
          throw new IllegalArgumentException("The Manager is no agent");
    }
  }

  private static void restart(Machine machine) throws IOException, InterruptedException {
    machine.agent().start();
    machine.line().leadTo(machine.agent().port());
  }

  /**
   * Ends all in order.
   *
   * @return what was wrong, and what is left of processes and passing files
   */
  List<String> end() throws IOException, InterruptedException {
    var wrong = new ArrayList<String>();
    for (Machine machine : machines) {
      machine.agent().terminate();
    }
    for (Machine machine : machines) {
      machine.agent().awaitEnd().ifPresent(wrong::add);
    }
    manager.terminate();
    manager.awaitEnd().ifPresent(wrong::add);
    var passing = new ArrayList<Path>();
    passing.add(manager.data().resolve("incoming"));
    passing.add(manager.data().resolve("frames"));
    for (Machine machine : machines) {
      for (String place : List.of("sessions", "workspaces", "deliveries", "tasks")) {
        passing.add(machine.agent().data().resolve(place));
      }
    }
    wrong.addAll(room.leftovers(passing));
    wrong.addAll(inSystemsFolder());
    return wrong;
  }

  /** Java writes its own passing files past {@code java.io.tmpdir}, named by its number. */
  private List<String> inSystemsFolder() {
    var left = new ArrayList<String>();
    Stream.concat(Stream.of(manager), machines.stream().map(Machine::agent))
        .flatMap(process -> process.started().stream())
        .map(String::valueOf)
        .flatMap(number ->
            Stream.of(
                Path.of("/tmp/hsperfdata_" + System.getProperty("user.name", ""), number),
                Path.of("/tmp/.java_pid" + number),
                Path.of("/tmp/.attach_pid" + number)))
        .filter(Files::exists)
        .forEach(file -> left.add("file " + file));
    return left;
  }

  /** What a server said last, for a report of trouble. */
  String lastWords() throws IOException {
    var words = new StringBuilder();
    for (FarmProcess process :
        Stream.concat(Stream.of(manager), machines.stream().map(Machine::agent)).toList()) {
      words.append(process.name()).append(":\n").append(process.lastWords()).append('\n');
    }
    return words.toString();
  }

  /** Closes the lines; processes are the room's to end. */
  @Override
  public void close() throws IOException {
    client.close();
    hastyClient.close();
    for (Machine machine : machines) {
      machine.line().close();
    }
  }
}
