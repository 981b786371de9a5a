package io.blendnet.provider;

import io.blendnet.security.FarmAuthority;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Starts one agent, says its process id, and waits to be killed. */
public final class TestingStarter {
  private TestingStarter() {}

  public static void main(String[] arguments) throws Exception {
    LocalAgents agents =
        LocalAgents.start(
            new LocalAgentsOptions(
                TestingAgentProgram.command("listen"),
                Path.of(arguments[0]),
                1,
                1,
                Optional.empty(),
                List.of(),
                Duration.ofSeconds(30)),
            FarmAuthority.openOrCreate(Path.of(arguments[1])));
    System.out.println(agents.processIds().getFirst());
    Thread.sleep(Duration.ofDays(1));
  }
}
