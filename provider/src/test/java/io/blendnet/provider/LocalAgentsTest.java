package io.blendnet.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.blendnet.provider.spi.StartedAgent;
import io.blendnet.security.FarmAuthority;
import io.blendnet.security.PrivateFiles;
import io.blendnet.security.ServerIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LocalAgentsTest {
  @TempDir private Path folder;
  private FarmAuthority authority;
  private Path farm;

  @BeforeEach
  void makeFarm() throws IOException {
    authority = FarmAuthority.openOrCreate(folder.resolve("ca"));
    farm = folder.resolve("a farm 'of' ägents");
  }

  @Test
  void eachAgentHasItsOwnPrivateFolderPasswordCertificateAndShareOfTheCores() throws Exception {
    try (LocalAgents agents = LocalAgents.start(options("listen", 2, 5), authority)) {
      assertThat(agents.agents())
          .extracting(agent -> agent.name().value())
          .containsExactly("agent-1", "agent-2");
      StartedAgent first = agents.agents().getFirst();
      StartedAgent second = agents.agents().getLast();
      assertThat(first.address()).isEqualTo("127.0.0.1");
      assertThat(first.port()).isEqualTo(12345);
      assertThat(first.cores()).isEqualTo(2);
      assertThat(first.credentials()).isNotEqualTo(second.credentials());

      Path own = farm.resolve("agent-1");
      assertThat(PrivateFiles.isPrivate(own)).isTrue();
      assertThat(PrivateFiles.isPrivate(own.resolve("password"))).isTrue();
      assertThat(own.resolve("password"))
          .hasContent(first.credentials().password().reveal() + "\n");
      assertThat(own.resolve("agent.conf"))
          .content()
          .contains("listen-host = 127.0.0.1\n", "listen-port = 0\n", "cores = 2\n")
          .doesNotContain(first.credentials().password().reveal());
      ServerIdentity identity =
          ServerIdentity.load(own.resolve("server.crt"), own.resolve("server.key"));
      assertThat(identity.names()).contains("127.0.0.1", "localhost");
      identity.certificate().verify(authority.certificate().getPublicKey());
    }
  }

  @Test
  void thereIsAtLeastOneCoreForAnAgent() throws Exception {
    try (LocalAgents agents = LocalAgents.start(options("listen", 2, 1), authority)) {
      assertThat(agents.agents()).allMatch(agent -> agent.cores() == 1);
    }
  }

  @Test
  void passwordsAreNotOnCommandLines() throws Exception {
    try (LocalAgents agents = LocalAgents.start(options("listen", 1, 1), authority)) {
      ProcessHandle process = ProcessHandle.of(agents.processIds().getFirst()).orElseThrow();
      String password = agents.agents().getFirst().credentials().password().reveal();
      assertThat(process.info().commandLine().orElseThrow())
          .contains("--stop-with-parent")
          .doesNotContain(password);
    }
  }

  @Test
  void closingEndsAgentsAndWhatTheyStarted() throws Exception {
    LocalAgents agents = LocalAgents.start(options("with-child", 2, 2), authority);
    List<ProcessHandle> processes =
        agents.processIds().stream().map(id -> ProcessHandle.of(id).orElseThrow()).toList();
    List<ProcessHandle> children = processes.stream().flatMap(ProcessHandle::children).toList();
    assertThat(children).hasSize(2);

    agents.close();

    assertThat(processes).noneMatch(ProcessHandle::isAlive);
    for (ProcessHandle child : children) {
      child.onExit().get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void anAgentThatDoesNotEndInOrderIsKilled() throws Exception {
    LocalAgents agents = LocalAgents.start(options("stubborn", 1, 1), authority);
    ProcessHandle process = ProcessHandle.of(agents.processIds().getFirst()).orElseThrow();

    agents.close(Duration.ofSeconds(1));

    assertThat(process.isAlive()).isFalse();
  }

  @Test
  void anAgentThatEndsAtOnceIsReportedWithItsLastWords() {
    assertThatExceptionOfType(ServerStartException.class)
        .isThrownBy(() -> LocalAgents.start(options("no-blender", 1, 1), authority))
        .withMessageContaining("agent-1 ended with exit code 3")
        .withMessageContaining("There is no Blender here.")
        .withMessageContaining(farm.resolve("agent-1/agent.log").toString());
  }

  @Test
  void anAgentThatDoesNotListenInTimeIsEnded() {
    LocalAgentsOptions hurried =
        new LocalAgentsOptions(
            TestingAgentProgram.command("hang"),
            farm,
            2,
            2,
            Optional.empty(),
            List.of(),
            Duration.ofSeconds(2));

    assertThatExceptionOfType(ServerStartException.class)
        .isThrownBy(() -> LocalAgents.start(hurried, authority))
        .withMessageContaining("agent-1 does not listen yet");

    assertThat(ProcessHandle.current().descendants())
        .noneMatch(process -> process.info().commandLine().orElse("").contains(farm.toString()));
  }

  @Test
  void thatTheLastAgentHasEndedIsTold() throws Exception {
    try (LocalAgents agents = LocalAgents.start(options("listen", 2, 2), authority)) {
      List<ProcessHandle> processes =
          agents.processIds().stream().map(id -> ProcessHandle.of(id).orElseThrow()).toList();
      kill(processes.getFirst());
      assertThat(agents.failure()).isEmpty();

      kill(processes.getLast());

      assertThat(agents.failure())
          .get()
          .asString()
          .contains("agent-1 ended with exit code 137", "agent-2 ended with exit code 137");
    }
  }

  private static void kill(ProcessHandle process) throws Exception {
    process.destroyForcibly();
    process.onExit().get(10, TimeUnit.SECONDS);
  }

  @Test
  void aPortOfAnEarlierRunIsNotTaken() throws Exception {
    Files.createDirectories(farm.resolve("agent-1"));
    Files.writeString(farm.resolve("agent-1/agent.port"), "1\n");

    try (LocalAgents agents = LocalAgents.start(options("listen", 1, 1), authority)) {
      assertThat(agents.agents().getFirst().port()).isEqualTo(12345);
    }
  }

  /** Another JVM starts an agent and is killed as by {@code kill -9}. */
  @Test
  void agentsEndWhenTheirStarterIsKilled() throws Exception {
    Process starter =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path", "")),
                TestingStarter.class.getName(),
                farm.toString(),
                folder.resolve("ca").toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      String line = starter.inputReader().readLine();
      assertThat(line).isNotNull();
      ProcessHandle agent = ProcessHandle.of(Long.parseLong(line)).orElseThrow();
      assertThat(agent.isAlive()).isTrue();

      starter.destroyForcibly();

      agent.onExit().get(20, TimeUnit.SECONDS);
      assertThat(farm.resolve("agent-1/ended-with-parent")).exists();
    } finally {
      starter.destroyForcibly();
    }
  }

  private LocalAgentsOptions options(String behaviour, int count, int cores) {
    return new LocalAgentsOptions(
        TestingAgentProgram.command(behaviour),
        farm,
        count,
        cores,
        Optional.empty(),
        List.of(),
        Duration.ofSeconds(30));
  }
}
