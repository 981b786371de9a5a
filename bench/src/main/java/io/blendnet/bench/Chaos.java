package io.blendnet.bench;

import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.ResultKind;
import io.blendnet.protocol.TransferProgress;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A real farm renders frames while agents, their lines and their Manager fail at random from a
 * seed. In the end all frames have to be complete, with each cell once, and the same as undisturbed
 * ones, and nothing may be left of the farm.
 */
final class Chaos {
  private static final int WRONG = 1;
  private static final int USAGE = 2;

  /** So that no agent waits for work while another one's last cell is away with its machine. */
  private static final int FRAMES_AT_ONCE = 2;

  private static final Duration LOOK = Duration.ofMillis(200);
  private static final Duration NEWS = Duration.ofSeconds(5);

  /** How long frames may take once nothing fails any more. */
  private static final Duration PATIENCE = Duration.ofMinutes(6);

  private static final double TOLERANCE = 1e-5;

  private final ChaosOptions options;
  private final ChaosFarm farm;
  private final List<ChaosScene> scenes;
  private final Path folder;
  private final PrintStream news;
  private final List<ChaosFrame> frames = new ArrayList<>();
  private final ConcurrentLinkedQueue<SufferedFault> faults = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
  private final AtomicInteger pending = new AtomicInteger();
  private final List<FramePlanes> undisturbed = new ArrayList<>();
  private int nextNumber = 1;
  private Instant nextNews = Instant.MIN;

  private Chaos(
      ChaosOptions options,
      ChaosFarm farm,
      List<ChaosScene> scenes,
      Path folder,
      PrintStream news) {
    this.options = options;
    this.farm = farm;
    this.scenes = scenes;
    this.folder = folder;
    this.news = news;
  }

  public static void main(String[] arguments) throws Exception {
    ChaosOptions options;
    try {
      options = ChaosOptions.parse(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println("bench/chaos: " + e.getMessage());
      System.err.println(ChaosOptions.USAGE);
      System.exit(USAGE);
      return;
    }
    FarmRoom room = FarmRoom.open("chaos");
    // However this ends, Ctrl-C included: nothing of the farm goes on, nothing stays.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> closeQuietly(room), "exit"));
    System.exit(run(options, room) ? 0 : WRONG);
  }

  private static void closeQuietly(FarmRoom room) {
    try {
      room.close();
    } catch (IOException e) {
      System.err.println("bench/chaos: " + room.folder() + " stays: " + e);
    }
  }

  private static boolean run(ChaosOptions options, FarmRoom room)
      throws IOException, InterruptedException {
    PrintStream news = options.json() ? System.err : System.out;
    news.println(options.command());
    Path folder = Files.createDirectories(room.folder().resolve("pictures"));
    List<ChaosScene> scenes =
        List.of(ChaosScene.make(folder, true, options), ChaosScene.make(folder, false, options));
    try (ChaosFarm farm = ChaosFarm.start(room, options.agents())) {
      var chaos = new Chaos(options, farm, scenes, folder, news);
      ChaosReport report = chaos.run();
      System.out.println(options.json() ? report.json() : report.text());
      return report.wrong().isEmpty();
    }
  }

  private ChaosReport run() throws IOException, InterruptedException {
    renderUndisturbed();
    Instant begin = Instant.now();
    beginFaults();
    Instant end = begin.plus(options.time());
    Instant last = end.plus(options.longestFault()).plus(PATIENCE);
    while (Instant.now().isBefore(end) || (!isOver() && Instant.now().isBefore(last))) {
      // Faults find something to hit as long as they come.
      step(Instant.now().isBefore(end) && pending.get() > 0, begin);
    }
    if (pending.get() > 0) {
      wrong.add(pending.get() + " faults have not ended");
    }
    wrong.addAll(farm.awaitAgents());
    double difference = checkFrames();
    List<BegunCells.Begun> begun = farm.begun();
    if (!wrong.isEmpty()) {
      news.println(farm.lastWords());
    }
    wrong.addAll(farm.end());
    return ChaosReport.of(
        options, frames, List.copyOf(faults), begun, difference, List.copyOf(wrong));
  }

  /** One frame of each scene, while nothing fails. */
  private void renderUndisturbed() throws IOException, InterruptedException {
    Instant begin = Instant.now();
    for (ChaosScene scene : scenes) {
      var frame = new ChaosFrame(nextNumber++, scene);
      frame.submit(farm.client());
      while (!frame.hasEnded()) {
        Thread.sleep(LOOK);
        frame.look(farm.client());
      }
      if (!frame.isCompleted()) {
        throw new IOException("Without any fault, " + frame.condition());
      }
      undisturbed.add(FramePlanes.of(download(frame)));
    }
    news.printf(
        "%d undisturbed frames in %.1f s%n",
        scenes.size(), Commands.seconds(Duration.between(begin, Instant.now())));
  }

  private Path download(ChaosFrame frame) throws IOException, InterruptedException {
    Path file = folder.resolve(frame.task() + ".exr");
    farm.client().download(frame.task(), ResultKind.RENDER, file, TransferProgress.NONE);
    return file;
  }

  private void beginFaults() {
    FaultPlan plan =
        FaultPlan.of(
            options.seed(), options.time(), options.faultsPerMinute(), options.longestFault());
    for (FaultPlan.Planned planned : plan.faults()) {
      pending.incrementAndGet();
      Thread.ofVirtual().start(() -> suffer(planned));
    }
  }

  private void suffer(FaultPlan.Planned planned) {
    try {
      Thread.sleep(planned.at());
      SufferedFault fault = farm.suffer(planned);
      faults.add(fault);
    } catch (IOException | RuntimeException e) {
      wrong.add(planned.kind().words() + ": " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      pending.decrementAndGet();
    }
  }

  /** Keeps frames coming, and looks at those that are there. */
  private void step(boolean more, Instant begin) throws IOException, InterruptedException {
    Thread.sleep(LOOK);
    var begun = farm.begun();
    try {
      for (ChaosFrame frame : frames) {
        if (!frame.hasEnded()) {
          if (!frame.isRunning()) {
            frame.submit(farm.hastyClient());
          }
          frame.look(farm.hastyClient());
        }
      }
    } catch (FarmException e) {
      // The Manager is away: looked at again in a moment.
    }
    long active = frames.stream().filter(frame -> !frame.hasEnded()).count();
    if (more && active < FRAMES_AT_ONCE) {
      frames.add(new ChaosFrame(nextNumber, scenes.get(nextNumber % scenes.size())));
      nextNumber++;
    }
    if (Instant.now().isAfter(nextNews)) {
      nextNews = Instant.now().plus(NEWS);
      tell(begun, begin);
    }
  }

  private void tell(List<BegunCells.Begun> begun, Instant begin) {
    Duration since = Duration.between(begin, Instant.now());
    long ended = frames.stream().filter(ChaosFrame::hasEnded).count();
    news.printf(
        "%02d:%02d  frames %d of %d, cells begun %d, stored %d, faults %d over, %d to come or at it%n",
        since.toMinutes(),
        since.toSecondsPart(),
        ended,
        frames.size(),
        begun.stream().filter(cell -> cell.frame() > scenes.size()).count(),
        frames.stream().mapToInt(frame -> frame.stored().size()).sum(),
        faults.size(),
        pending.get());
  }

  private boolean isOver() {
    return pending.get() == 0 && frames.stream().allMatch(ChaosFrame::hasEnded);
  }

  /** Returns the largest difference of any frame from the undisturbed one. */
  private double checkFrames() throws IOException, InterruptedException {
    double most = 0;
    for (ChaosFrame frame : frames) {
      if (!frame.isCompleted()) {
        wrong.add(frame.condition());
        continue;
      }
      frame.look(farm.client());
      wrong.addAll(frame.wrongCells());
      Path file = download(frame);
      double difference =
          FramePlanes.of(file).differenceFrom(undisturbed.get(scenes.indexOf(frame.scene())));
      Files.delete(file);
      if (!(difference <= TOLERANCE)) {
        wrong.add(
            "%s differs from the undisturbed frame by %s".formatted(frame.task(), difference));
      }
      most = Math.max(most, difference);
    }
    return most;
  }
}
