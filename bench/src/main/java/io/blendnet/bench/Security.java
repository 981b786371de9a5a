package io.blendnet.bench;

import io.blendnet.protocol.FileChecksum;
import io.blendnet.security.TrustedAuthority;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Goes through a checklist against a Manager and an agent, each a process of its own, and holds
 * docs/security-checks.md to it.
 */
final class Security {
  private static final int WRONG = 1;
  private static final int USAGE = 2;

  private Security() {}

  /**
   * What came out.
   *
   * @param faults by server, what was wrong; none where it holds
   */
  private record Result(SecurityCheck check, List<String> faults) {
    String line() {
      String held = faults.isEmpty() ? "yes" : "**no**";
      return "| %s | %s |".formatted(check.name().replace("|", "\\|"), held);
    }
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length > 1
        || (arguments.length == 1 && !List.of("--write", "--compare").contains(arguments[0]))) {
      System.err.println("The flag is --write or --compare, or none");
      System.exit(USAGE);
    }
    String flag = arguments.length == 0 ? "" : arguments[0];
    List<Result> results;
    try (FarmRoom room = FarmRoom.open("security")) {
      results = run(room);
    }
    String table = table(results);
    Path file = Commands.root().resolve("docs/security-checks.md");
    boolean isWrong = results.stream().anyMatch(result -> !result.faults().isEmpty());
    if (flag.equals("--write") && !isWrong) {
      Files.writeString(file, table);
    }
    boolean differs = flag.equals("--compare") && !Files.readString(file).equals(table);
    System.out.printf(
        "%d of %d hold%n%s%n",
        results.stream().filter(result -> result.faults().isEmpty()).count(),
        results.size(),
        SignInChecks.timing());
    if (differs) {
      System.out.println("docs/security-checks.md is another list: run bench/security --write");
    }
    System.exit(isWrong || differs ? WRONG : 0);
  }

  private static List<Result> run(FarmRoom room) throws Exception {
    var manager = new FarmProcess(room, "manager", "manager");
    var agent = new FarmProcess(room, "agent", "agent", "cores = 1", "unavailable-timeout = 0");
    manager.start();
    agent.start();
    List<SecurityTarget> targets = List.of(target("Manager", manager), target("Agent", agent));
    employ(targets.getFirst(), targets.getLast());
    render(targets.getFirst(), room.folder());
    var local = new FarmProcess(room, "manager", "local", "local-agents = 2");
    local.start();
    while (ServedPorts.of(local).size() < 2) {
      Thread.sleep(100);
    }
    List<SecurityCheck> checks = new ArrayList<>();
    checks.addAll(TlsChecks.all());
    checks.addAll(HttpChecks.all());
    checks.addAll(PathChecks.all());
    checks.addAll(TransferChecks.all(targets.getFirst(), targets.getLast()));
    checks.addAll(FileChecks.all(targets.getFirst(), targets.getLast()));
    checks.addAll(LocalAgentChecks.all(local));
    // At the end: whoever signs in from this address has to wait after it.
    checks.addAll(SignInChecks.all());
    List<Result> results = new ArrayList<>();
    for (SecurityCheck check : checks) {
      List<String> faults = new ArrayList<>();
      for (SecurityTarget target : targets) {
        look(check, target).ifPresent(fault -> faults.add(target.name() + ": " + fault));
      }
      results.add(new Result(check, faults));
      System.out.printf(
          "%-4s %s: %s%s%n",
          faults.isEmpty() ? "yes" : "NO",
          check.group(),
          check.name(),
          faults.isEmpty() ? "" : "\n     " + String.join("\n     ", faults));
    }
    manager.terminate();
    agent.terminate();
    local.terminate();
    manager.awaitEnd().ifPresent(System.out::println);
    agent.awaitEnd().ifPresent(System.out::println);
    local.awaitEnd().ifPresent(System.out::println);
    return results;
  }

  private static Optional<String> look(SecurityCheck check, SecurityTarget target)
      throws InterruptedException {
    try {
      return check.probe().look(target);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      return Optional.of("it could not be looked at: " + e);
    }
  }

  private static SecurityTarget target(String name, FarmProcess server) throws IOException {
    return new SecurityTarget(
        name,
        server,
        TrustedAuthority.load(server.authority()).clientContext(),
        FarmProcess.USER,
        server.password(),
        server.started().getLast());
  }

  private static void employ(SecurityTarget manager, SecurityTarget agent)
      throws IOException, InterruptedException {
    String authority = Files.readString(agent.server().authority()).replace("\n", "\\n");
    String config =
        "{\"address\":\"localhost\",\"port\":%d,\"auth_user\":\"%s\",\"auth_password\":\"%s\",\"ca\":\"%s\"}"
            .formatted(agent.port(), agent.user(), agent.password(), authority);
    SecurityTarget.Answer answer = manager.call("PUT", "agent/checked/config", "", config);
    if (answer.status() != 200) {
      throw new IOException("The agent does not become the Manager's: " + answer);
    }
    while (!manager.get("resources").text().contains("\"active\":true")) {
      Thread.sleep(100);
    }
  }

  /** A small frame, whose result is asked for in ranges. */
  private static void render(SecurityTarget manager, Path folder)
      throws IOException, InterruptedException {
    Path scene =
        BenchScene.make(folder, Map.of("--width", 64, "--height", 64, "--samples", 1)).file();
    String task = "task/" + TransferChecks.TASK;
    String sum = "X-Checksum-Sha1: " + FileChecksum.SHA_1.of(scene) + "\r\n";
    String bytes = Files.readString(scene, StandardCharsets.ISO_8859_1);
    for (SecurityTarget.Answer answer :
        List.of(
            manager.call("PUT", task + "/file/still.blend", sum, bytes),
            manager.call("PUT", task + "/config", "", "{\"project\":\"still.blend\"}"),
            manager.call("POST", task + "/run", "", ""))) {
      if (answer.status() != 200) {
        throw new IOException("No frame can be rendered: " + answer.text());
      }
    }
    String text = "";
    while (!text.contains("\"COMPLETED\"")) {
      if (text.contains("\"ERROR\"")) {
        throw new IOException("No frame was rendered: " + text);
      }
      Thread.sleep(100);
      text = manager.get(task).text();
    }
  }

  private static String table(List<Result> results) {
    var text =
        new StringBuilder(
            """
            # Security checks

            Written by `bench/security --write`, which starts a Manager and an agent and tries all of this against both, over TLS,
            byte by byte where no library would send it; and a Manager with agents of its own. A test runs it too and compares this page with what it did. What the
            words mean, and what is not covered, stands in [SECURITY.md](../SECURITY.md). How long a password takes to check is
            printed by the command: the difference between wrong ones is below the noise.
            """);
    String group = "";
    for (Result result : results) {
      if (!result.check().group().equals(group)) {
        group = result.check().group();
        text.append("\n## ").append(group).append("\n\n| | holds |\n|---|---|\n");
      }
      text.append(result.line()).append('\n');
    }
    return text.toString();
  }
}
