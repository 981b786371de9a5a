package io.blendnet.bench;

import io.blendnet.security.TrustedAuthority;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;

/**
 * How long {@code GET status} takes while thousands of hostile clients are at a Manager, against
 * how long it takes while nobody is.
 */
final class Hostile {
  private static final int WRONG = 1;
  private static final int USAGE = 2;
  private static final Duration PAUSE = Duration.ofMillis(5);

  private Hostile() {}

  public static void main(String[] arguments) throws Exception {
    Map<String, Integer> flags;
    try {
      flags = Commands.flags(arguments, Set.of("--connections", "--seconds", "--opens-per-second"));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(USAGE);
      return;
    }
    int connections = flags.getOrDefault("--connections", 10_000);
    int seconds = flags.getOrDefault("--seconds", 60);
    int opens = flags.getOrDefault("--opens-per-second", 500);
    boolean served;
    try (FarmRoom room = FarmRoom.open("hostile")) {
      served = run(room, connections, Duration.ofSeconds(seconds), opens);
    }
    System.exit(served ? 0 : WRONG);
  }

  private static boolean run(FarmRoom room, int connections, Duration length, int opens)
      throws Exception {
    var manager = new FarmProcess(room, "manager", "manager");
    manager.start();
    SSLContext tls = TrustedAuthority.load(manager.authority()).clientContext();
    long process = manager.started().getLast();
    try (var owner = HttpClient.newBuilder().sslContext(tls).build()) {
      var visitor =
          new SecurityTarget(
              "Manager", manager, tls, FarmProcess.USER, manager.password(), process);
      Duration quietLength = length.dividedBy(4);
      // The first calls warm both sides up.
      var _ = times(owner, visitor, Duration.ofSeconds(3));
      Times quiet = times(owner, visitor, quietLength);
      System.out.println("quiet:          " + quiet);
      Process crowd = crowd(manager, connections, opens);
      Times attacked;
      try {
        attacked = times(owner, visitor, length);
        System.out.println("under attack:   " + attacked);
        System.out.printf(
            "the Manager:    %,d files open, %,d MB of memory at its peak%n",
            files(process), manager.peakMemory() >> 20);
        crowd.getOutputStream().close();
        String[] counts =
            new String(crowd.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .strip()
                .split(" ", -1);
        System.out.printf(
            "the attack:     %,d clients, of which 8 send frames as fast as they can; %s connections opened, %s standing at the end%n",
            connections + 8, counts[0], counts[1]);
      } finally {
        crowd.destroyForcibly().waitFor();
      }
      Times after = times(owner, visitor, quietLength);
      System.out.println("afterwards:     " + after);
      boolean served = attacked.failures() == 0 && after.failures() == 0 && manager.isAlive();
      System.out.println(served ? "Everybody was served." : "Somebody was not served.");
      manager.terminate();
      manager.awaitEnd().ifPresent(System.out::println);
      return served;
    }
  }

  private static Process crowd(FarmProcess manager, int connections, int opens) throws IOException {
    return new ProcessBuilder(
            "nice",
            "-n",
            "19",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx3g",
            "-cp",
            System.getProperty("java.class.path"),
            HostileCrowd.class.getName(),
            String.valueOf(manager.port()),
            manager.authority().toString(),
            String.valueOf(connections),
            String.valueOf(opens))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /**
   * How long calls took, in milliseconds.
   *
   * @param kept over a connection that stays
   * @param fresh over a new one each
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Times(double[] kept, double[] fresh, int failures) {
    private static double quantile(double[] values, double part) {
      return values.length == 0
          ? Double.NaN
          : values[Math.min(values.length - 1, (int) (values.length * part))];
    }

    @Override
    public String toString() {
      return "p50 %.1f ms, p99 %.1f ms, longest %.0f ms over one connection (%,d calls); p50 %.1f ms, p99 %.1f ms over new ones (%,d); %d not served"
          .formatted(
              quantile(kept, 0.5),
              quantile(kept, 0.99),
              quantile(kept, 1),
              kept.length,
              quantile(fresh, 0.5),
              quantile(fresh, 0.99),
              fresh.length,
              failures);
    }
  }

  private static Times times(HttpClient owner, SecurityTarget visitor, Duration length)
      throws InterruptedException {
    var kept = new double[100_000];
    var fresh = new double[100_000];
    int calls = 0;
    int failures = 0;
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("https://localhost:" + visitor.port() + "/api/v1/status"))
            .timeout(Duration.ofSeconds(30))
            .header("Authorization", visitor.signIn().strip().substring("Authorization: ".length()))
            .build();
    long end = System.nanoTime() + length.toNanos();
    while (System.nanoTime() < end && calls < kept.length) {
      try {
        long begin = System.nanoTime();
        boolean done =
            owner.send(request, HttpResponse.BodyHandlers.ofByteArray()).statusCode() == 200;
        kept[calls] = (System.nanoTime() - begin) / 1e6;
        begin = System.nanoTime();
        done &= visitor.get("status").status() == 200;
        fresh[calls] = (System.nanoTime() - begin) / 1e6;
        failures += done ? 0 : 1;
      } catch (IOException e) {
        failures++;
      }
      calls++;
      Thread.sleep(PAUSE);
    }
    return new Times(sorted(kept, calls), sorted(fresh, calls), failures);
  }

  private static double[] sorted(double[] values, int count) {
    double[] some = Arrays.copyOf(values, count);
    Arrays.sort(some);
    return some;
  }

  private static long files(long process) throws IOException {
    try (var all = Files.list(Path.of("/proc", String.valueOf(process), "fd"))) {
      return all.count();
    }
  }
}
