package io.blendnet.bench;

import io.blendnet.server.PathFuzz;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Has everything that takes bytes from strangers take wrong ones, made from right ones by a seed:
 * no crash, no hang, no more memory than the command gives, no file outside its folder. Where
 * Jazzer is on the class path ({@code bench/fuzz} puts it there), what it has seen of the code
 * guides it.
 */
final class Fuzz {
  private static final int WRONG = 1;
  private static final int USAGE = 2;
  private static final Duration LONGEST_TAKE = Duration.ofSeconds(20);

  private Fuzz() {}

  private record Paths() implements FuzzTarget {
    @Override
    public String name() {
      return "path";
    }

    @Override
    public List<byte[]> samples() {
      return PathFuzz.samples().stream()
          .map(path -> path.getBytes(StandardCharsets.UTF_8))
          .toList();
    }

    @Override
    public void take(byte[] bytes) {
      PathFuzz.take(bytes);
    }
  }

  public static void main(String[] arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of(arguments));
    String corpus = "";
    if (words.size() == 2 && words.getFirst().equals("--corpus")) {
      corpus = words.getLast();
    }
    if (!corpus.isEmpty()) {
      writeCorpus(Path.of(corpus));
      return;
    }
    Map<String, Integer> flags;
    try {
      flags = Commands.flags(arguments, Set.of("--seconds", "--seed", "--door-only"));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(USAGE);
      return;
    }
    int seed = flags.getOrDefault("--seed", 1);
    Duration each = Duration.ofSeconds(flags.getOrDefault("--seconds", 60)).dividedBy(4);
    boolean right = true;
    if (flags.getOrDefault("--door-only", 0) == 0) {
      for (FuzzTarget target : List.of(new ExrFuzz(), new Paths(), new JsonFuzz())) {
        right &= fuzz(target, seed, each);
      }
    } else {
      each = each.multipliedBy(4);
    }
    try (FarmRoom room = FarmRoom.open("fuzz")) {
      var manager = new FarmProcess(room, "manager", "manager");
      manager.start();
      var door = new DoorFuzz(room, manager);
      right &= fuzz(door, seed, each);
      try {
        door.check();
      } catch (IllegalStateException e) {
        System.out.println("door: " + e.getMessage());
        right = false;
      }
      manager.terminate();
      manager.awaitEnd().ifPresent(System.out::println);
    }
    System.exit(right ? 0 : WRONG);
  }

  /** Where Jazzer begins. */
  private static void writeCorpus(Path folder) throws IOException {
    for (FuzzTarget target : List.of(new ExrFuzz(), new Paths(), new JsonFuzz())) {
      Path own = Files.createDirectories(folder.resolve(target.name()));
      int number = 0;
      for (byte[] sample : target.samples()) {
        Files.write(own.resolve("sample-" + number++), sample);
      }
    }
  }

  private static boolean fuzz(FuzzTarget target, int seed, Duration length)
      throws IOException, InterruptedException {
    var mutator = new Mutator(new SplittableRandom(seed), target.samples());
    long end = System.nanoTime() + length.toNanos();
    long count = 0;
    for (byte[] sample : target.samples()) {
      if (!take(target, sample)) {
        return false;
      }
    }
    while (System.nanoTime() < end) {
      byte[] bytes = mutator.next();
      count++;
      if (!take(target, bytes)) {
        return false;
      }
    }
    System.out.printf(
        "%s: took %,d inputs from seed %d, none of them ill%n", target.name(), count, seed);
    return true;
  }

  /** Watched from outside: what hangs does not say so. */
  private static boolean take(FuzzTarget target, byte[] bytes)
      throws IOException, InterruptedException {
    var failure = new AtomicReference<Throwable>();
    Thread thread =
        new Thread(() -> {
          try {
            target.take(bytes);
          } catch (IOException | RuntimeException | Error e) {
            failure.set(e);
          }
        });
    thread.setDaemon(true);
    thread.start();
    thread.join(LONGEST_TAKE.plusMinutes(target instanceof DoorFuzz ? 2 : 0));
    Throwable wrong = failure.get();
    if (wrong == null && !thread.isAlive()) {
      return true;
    }
    Path kept = Files.createTempFile("fuzz-" + target.name() + "-", ".input");
    Files.write(kept, bytes);
    System.out.printf(
        "%s: %s, from %d bytes that are kept in %s%n",
        target.name(), wrong == null ? "it hangs" : wrong.toString(), bytes.length, kept);
    if (wrong != null) {
      wrong.printStackTrace(System.out);
    }
    return false;
  }
}
