package io.blendnet.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.blendnet.bench.FaultyLine;
import io.blendnet.domain.AgentName;
import io.blendnet.protocol.AgentConfig;
import io.blendnet.protocol.ClientOptions;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.ResourceInfo;
import io.blendnet.protocol.ServerAddress;
import io.blendnet.security.TrustedAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agents on machines that cost while they run, with their own commands, and one by two names. */
class RentedAgentTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final AgentName AGENT = new AgentName("rented");

  @TempDir private Path folder;
  private CommandRoom room;
  private Path mark;
  private RunningServer server;
  private RunningServer agent;
  private FaultyLine line;
  private ManagerClient manager;

  @BeforeEach
  void start() throws IOException {
    room = CommandRoom.in(folder);
    mark = folder.resolve("the machine's end");
    server = RunningServer.start(room, "manager", folder.resolve("manager"), "agent-idle = 2s");
    agent =
        RunningServer.start(
            room, "agent", folder.resolve("agent"), "end-command = touch \"" + mark + "\"");
    line = FaultyLine.to(agent.port());
    manager =
        new ManagerClient(
            ClientOptions.of(
                new ServerAddress("localhost", server.port()),
                TrustedAuthority.load(server.authority()).clientContext(),
                "tester",
                server::password));
  }

  @AfterEach
  void end() throws Exception {
    manager.close();
    line.close();
    server.end().assertExitCode(0);
    room.assertNothingLeft();
  }

  @Test
  void aRentedAgentWithNothingToDoIsGivenBackWithItsMachine() throws Exception {
    introduce(AGENT, true);

    agent.process().awaitEnd().assertExitCode(0).assertNoFault();
    assertThat(mark).exists();
    await("it is taken out")
        .atMost(PATIENCE)
        .until(() -> !manager.resources().agents().containsKey(AGENT.value()));
  }

  @Test
  void givingBackIsTriedUntilTheAgentHears() throws Exception {
    introduce(AGENT, true);
    await("it works").atMost(PATIENCE).until(() -> isActive(AGENT));
    line.suffer(FaultyLine.Fault.SERVER_HEARS_NOTHING);
    server.process().awaitErrors("could not be given back yet");
    assertThat(mark).doesNotExist();

    line.suffer(FaultyLine.Fault.NONE);

    agent.process().awaitEnd().assertExitCode(0);
    assertThat(mark).exists();
    await("it is taken out")
        .atMost(PATIENCE)
        .until(() -> !manager.resources().agents().containsKey(AGENT.value()));
  }

  @Test
  void anAgentThatIsThereByAnotherNameIsNotUsedTwice() throws Exception {
    introduce(AGENT, false);
    await("it works").atMost(PATIENCE).until(() -> isActive(AGENT));
    AgentName twin = new AgentName("twin");
    introduce(twin, false);

    await("the twin is refused")
        .atMost(PATIENCE)
        .until(() ->
            errorOf(twin).filter(error -> error.contains("is agent 'rented' already")).isPresent());
    assertThat(isActive(AGENT)).isTrue();

    manager.removeAgent(AGENT);
    await("the twin works").atMost(PATIENCE).until(() -> isActive(twin));
    agent.end().assertExitCode(0);
  }

  private void introduce(AgentName name, boolean rented) throws Exception {
    manager.putAgent(
        name,
        new AgentConfig(
            "127.0.0.1",
            line.port(),
            "tester",
            agent.password(),
            Optional.of(Files.readString(agent.authority())),
            Optional.of(rented)));
  }

  private boolean isActive(AgentName name) throws Exception {
    return machine(name).active();
  }

  private Optional<String> errorOf(AgentName name) throws Exception {
    return machine(name).error();
  }

  private ResourceInfo.AgentMachine machine(AgentName name) throws Exception {
    return Optional.ofNullable(manager.resources().agents().get(name.value())).orElseThrow();
  }
}
