package io.blendnet.cli;

import io.blendnet.domain.BlobId;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.FileChangedException;
import io.blendnet.protocol.ManagerClient;
import io.blendnet.protocol.OutputInfo;
import io.blendnet.protocol.ResourceInfo;
import io.blendnet.protocol.ResultKind;
import io.blendnet.protocol.SentFiles;
import io.blendnet.protocol.TaskConfig;
import io.blendnet.protocol.TaskInfo;
import io.blendnet.protocol.TaskProgress;
import io.blendnet.protocol.TaskStatus;
import io.blendnet.protocol.TransferProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Brings the frames of one command through a farm: sends the files once, then the frames; watches;
 * fetches what is finished while others still render. Used by one thread.
 */
final class RenderRun implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(300);

  /** How long a Manager may be out of reach while we watch it; it goes on without us. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /** Frames that are fetched at the same time. */
  private static final int MOST_FETCHED = 4;

  private final Farm farm;
  private final RenderRequest request;
  private final InspectedScene scene;
  private final OutputFolder output;
  private final ProgressDisplay display;
  private final InstantSource clock;
  private final KnownHashes hashes;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(MOST_FETCHED, Thread.ofVirtual().name("transfer-", 0).factory());
  private final Map<FrameJob, Future<FrameResult>> fetching = new HashMap<>();
  private final BlockingQueue<FrameJob> fetched = new LinkedBlockingQueue<>();
  private final List<FrameJob> jobs = new ArrayList<>();
  private final List<FrameResult> results = new ArrayList<>();
  private Optional<Map<String, BlobId>> files = Optional.empty();
  private Map<String, String> troubles = Map.of();
  private Instant heard = Instant.MIN;

  RenderRun(
      Farm farm,
      RenderRequest request,
      InspectedScene scene,
      OutputFolder output,
      ProgressDisplay display,
      InstantSource clock,
      KnownHashes hashes) {
    this.farm = farm;
    this.request = request;
    this.scene = scene;
    this.output = output;
    this.display = display;
    this.clock = clock;
    this.hashes = hashes;
    String batch = Long.toString(clock.millis(), Character.MAX_RADIX);
    for (int frame : request.frames().frames()) {
      jobs.add(new FrameJob(frame, taskName(request.blend(), frame, batch)));
    }
  }

  /** {@code castle-0007-m1x2y3z4}: to be found again in a list, and of this command alone. */
  static TaskName taskName(Path blend, int frame, String batch) {
    String stem =
        String.valueOf(blend.getFileName())
            .replaceFirst("\\.blend$", "")
            .replaceAll("[^A-Za-z0-9._-]+", "_");
    String kept = stem.length() > 100 ? stem.substring(0, 100) : stem;
    return new TaskName(String.format(Locale.ROOT, "%s-%04d-%s", kept, frame, batch));
  }

  /** The tasks of this command, for whoever has to stop them. */
  List<TaskName> tasks() {
    return jobs.stream().map(FrameJob::task).toList();
  }

  /**
   * Returns when every frame is saved or given up.
   *
   * @return what became of them, in the order in which they ended
   */
  List<FrameResult> run() throws CommandException, InterruptedException {
    Instant begin = clock.instant();
    heard = begin;
    int sent = 0;
    boolean isResent = false;
    while (results.size() < jobs.size()) {
      try {
        if (files.isEmpty()) {
          files = Optional.of(sendFiles());
        }
        if (sent < jobs.size()) {
          // One at a time between two looks: the first frame renders while the last is being sent.
          if (!isResent || !arrived(jobs.get(sent))) {
            isResent = true;
            if (!send(jobs.get(sent), files.get())) {
              continue;
            }
          }
          isResent = false;
          jobs.get(sent).sentAt(clock.instant());
          sent++;
        }
        listen(jobs.subList(0, sent));
        heard = clock.instant();
        display.show(progress(Duration.between(begin, heard)));
        fetchEnded();
        settleFetched(sent == jobs.size() ? POLL : Duration.ZERO);
      } catch (FarmException.NotReachable e) {
        if (Duration.between(heard, clock.instant()).compareTo(PATIENCE) > 0) {
          throw CommandException.environment(String.valueOf(e.getMessage()));
        }
        Thread.sleep(POLL);
      } catch (FileChangedException e) {
        throw CommandException.failed(
            e.getMessage() + ". Start again when nothing writes to it any more.");
      } catch (FarmException e) {
        throw CommandException.environment(String.valueOf(e.getMessage()));
      } catch (IOException e) {
        throw CommandException.environment("While sending the scene: " + e);
      }
      if (results.size() < jobs.size() && farm.failure().isPresent()) {
        throw CommandException.environment(farm.failure().get());
      }
    }
    display.show(progress(Duration.between(begin, clock.instant())));
    return List.copyOf(results);
  }

  /** Sends what the Manager lacks, and shows how far it is. */
  private Map<String, BlobId> sendFiles() throws IOException, InterruptedException {
    List<Path> all =
        Stream.concat(Stream.of(request.blend()), scene.filesToSend().stream()).distinct().toList();
    var upload = new SceneUpload(farm.manager(), all, hashes);
    Instant begin = clock.instant();
    long there = 0;
    Future<SceneUpload.Arrived> sending = threads.submit(upload::run);
    while (true) {
      try {
        SceneUpload.Arrived arrived = sending.get(POLL.toMillis(), TimeUnit.MILLISECONDS);
        tell(arrived.sent());
        return arrived.contents();
      } catch (TimeoutException e) {
        Instant now = clock.instant();
        if (upload.there() > there) {
          there = upload.there();
          heard = now;
        }
        display.show(new Sending(Duration.between(begin, now), there, upload.total()));
      } catch (ExecutionException e) {
        throw asFailure(e);
      }
    }
  }

  private void tell(SentFiles sent) {
    if (sent.files() == 0) {
      display.say("The Manager has all files of the scene already");
    } else if (sent.presentFiles() > 0) {
      display.say(
          "%s sent, the Manager had %d already"
              .formatted(ProgressText.count(sent.files(), "file"), sent.presentFiles()));
    }
  }

  private static IOException asFailure(ExecutionException failure) throws InterruptedException {
    return switch (failure.getCause()) {
      case IOException cause -> cause;
      case InterruptedException cause -> throw cause;
      case null, default -> throw new IllegalStateException(failure.getCause());
    };
  }

  /** Whether a task runs although the answer that said so was lost. */
  private boolean arrived(FrameJob job) throws FarmException, InterruptedException {
    try {
      return farm.manager().task(job.task()).state() != TaskState.CREATED;
    } catch (FarmException.Refused e) {
      if (e.is(ErrorCode.TASK_NOT_FOUND)) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Makes a frame a task.
   *
   * @return false where the Manager has given files up meanwhile, and lacks them
   */
  private boolean send(FrameJob job, Map<String, BlobId> contents)
      throws FarmException, InterruptedException {
    ManagerClient manager = farm.manager();
    try {
      manager.attachFiles(job.task(), contents);
    } catch (FarmException.Refused e) {
      if (!e.is(ErrorCode.BLOBS_MISSING)) {
        throw e;
      }
      files = Optional.empty();
      return false;
    }
    String warning = manager.configure(job.task(), config(job));
    if (!warning.isEmpty()) {
      display.say(warning);
    }
    manager.run(job.task());
    return true;
  }

  private TaskConfig config(FrameJob job) {
    Path folder = Optional.ofNullable(request.blend().getParent()).orElse(request.blend());
    return new TaskConfig(
        Optional.of(String.valueOf(request.blend().getFileName())),
        Optional.of(folder.toString()),
        Optional.of(Path.of("").toAbsolutePath().toString()),
        request.samples(),
        Optional.empty(),
        Optional.of(job.frame()),
        request.agents(),
        Optional.empty(),
        Optional.of(output.picture(scene.pictureName(job.frame())).toString()),
        Optional.of(request.strategy()),
        Optional.of(request.trustScripts()),
        Optional.of(request.priority().priority()));
  }

  /** One question for all frames, and one more for each that moves. */
  private void listen(List<FrameJob> sent) throws FarmException, InterruptedException {
    ManagerClient manager = farm.manager();
    List<FrameJob> open = sent.stream().filter(job -> !job.hasEnded()).toList();
    Map<String, TaskInfo> infos = open.size() < 3 ? Map.of() : manager.tasks();
    for (FrameJob job : open) {
      TaskInfo info = infos.get(job.task().value());
      boolean news =
          info == null
              || job.status().isEmpty()
              || info.state() != job.state()
              || info.state() == TaskState.RUNNING;
      if (news) {
        job.heard(manager.status(job.task()));
      }
    }
    // A frame that waits may wait for agents that cannot come: their trouble is to be seen.
    boolean waits = open.stream().anyMatch(job -> job.state() == TaskState.PENDING);
    troubles = waits ? troubles(manager.resources()) : Map.of();
  }

  private static Map<String, String> troubles(ResourceInfo resources) {
    var troubles = new TreeMap<String, String>();
    resources
        .agents()
        .forEach((name, agent) -> agent.error().ifPresent(error -> troubles.put(name, error)));
    return troubles;
  }

  private Progress progress(Duration elapsed) {
    var agents = new LinkedHashMap<String, Progress.Agent>();
    farm.agents().forEach(name -> agents.put(name, new Progress.Agent(name, "", 0, 0)));
    for (FrameJob job : jobs) {
      for (TaskProgress.AgentShare part : job.parts()) {
        agents.merge(
            part.agent(),
            new Progress.Agent(
                part.agent(),
                job.hasEnded() ? "" : part.activity(),
                part.done() / jobs.size(),
                part.cellsStored()),
            RenderRun::together);
      }
    }
    troubles.forEach((name, trouble) ->
        agents.merge(name, new Progress.Agent(name, trouble, 0, 0), RenderRun::together));
    return new Progress(
        elapsed,
        jobs.stream().map(FrameJob::view).toList(),
        agents.values().stream().map(RenderRun::orIdle).toList());
  }

  private static Progress.Agent together(Progress.Agent one, Progress.Agent other) {
    return new Progress.Agent(
        one.name(),
        other.activity().isEmpty() ? one.activity() : other.activity(),
        one.share() + other.share(),
        one.cells() + other.cells());
  }

  private static Progress.Agent orIdle(Progress.Agent agent) {
    return agent.activity().isEmpty()
        ? new Progress.Agent(agent.name(), "idle", agent.share(), agent.cells())
        : agent;
  }

  /** Has the results of frames that have ended fetched, beside everything else. */
  private void fetchEnded() {
    for (FrameJob job : jobs) {
      if (job.hasEnded() && !job.isSettled() && !fetching.containsKey(job)) {
        TaskStatus status = job.status().orElseThrow();
        fetching.put(job, threads.submit(() -> fetchResult(job, status)));
      }
    }
  }

  private FrameResult fetchResult(FrameJob job, TaskStatus status)
      throws CommandException, FarmException, InterruptedException {
    try {
      return result(job, status);
    } finally {
      fetched.add(job);
    }
  }

  /**
   * Takes what was fetched.
   *
   * @param wait for the first, where there is none yet
   */
  private void settleFetched(Duration wait)
      throws CommandException, IOException, InterruptedException {
    FrameJob job = fetched.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
    while (job != null) {
      try {
        FrameResult result = Objects.requireNonNull(fetching.remove(job)).get();
        results.add(result);
        job.settle();
        display.tell(result);
      } catch (ExecutionException e) {
        if (e.getCause() instanceof CommandException reason) {
          throw reason;
        }
        throw asFailure(e);
      }
      job = fetched.poll();
    }
  }

  private FrameResult result(FrameJob job, TaskStatus status)
      throws CommandException, FarmException, InterruptedException {
    return switch (status.task().state()) {
      case COMPLETED -> fetch(job, status);
      case STOPPED -> failed(job, status, "It was stopped on the Manager.");
      case CREATED, PENDING, RUNNING, ERROR -> failed(job, status, "The Manager does not say why.");
    };
  }

  /** A frame without a picture; what was rendered of it is saved where it is whole. */
  private FrameResult failed(FrameJob job, TaskStatus status, String otherwise)
      throws CommandException, FarmException, InterruptedException {
    String reason = status.task().stateErrorInfo().orElse(otherwise);
    if (status.result().render().isEmpty()) {
      return new FrameResult.Failed(job.frame(), reason);
    }
    Path layers = output.layers(scene.pictureName(job.frame()));
    save(
        job,
        () ->
            farm.manager().download(job.task(), ResultKind.RENDER, layers, TransferProgress.NONE));
    return new FrameResult.Failed(
        job.frame(), "%s All its layers were rendered; they are in %s".formatted(reason, layers));
  }

  /** Something that writes into the output folder. */
  private interface Saving {
    void save() throws IOException, InterruptedException;
  }

  private void save(FrameJob job, Saving saving)
      throws CommandException, FarmException, InterruptedException {
    try {
      saving.save();
    } catch (FarmException e) {
      throw e;
    } catch (IOException e) {
      throw CommandException.environment(
          "Frame %d is rendered, but cannot be saved to %s: %s"
              .formatted(job.frame(), output.path(), e.getMessage()));
    }
  }

  /** What the scene's File Output nodes wrote beside the picture, by their own names. */
  private void fetchFileOutputs(TaskName task) throws IOException, InterruptedException {
    List<OutputInfo> outputs = farm.manager().outputs(task);
    for (OutputInfo written : outputs.subList(Math.min(1, outputs.size()), outputs.size())) {
      Path target = output.beside(written.path());
      Files.createDirectories(target.getParent());
      farm.manager().downloadOutput(task, written, target, TransferProgress.NONE);
    }
  }

  private FrameResult fetch(FrameJob job, TaskStatus status)
      throws CommandException, FarmException, InterruptedException {
    String name = scene.pictureName(job.frame());
    Path picture = output.picture(name);
    Optional<Path> layers = status.result().render().map(_ -> output.layers(name));
    save(
        job,
        () -> {
          ManagerClient manager = farm.manager();
          manager.download(job.task(), ResultKind.COMPOSE, picture, TransferProgress.NONE);
          if (layers.isPresent()) {
            manager.download(job.task(), ResultKind.RENDER, layers.get(), TransferProgress.NONE);
          }
          fetchFileOutputs(job.task());
        });
    Duration rendering = job.age(clock.instant());
    return new FrameResult.Saved(
        job.frame(), picture, layers, rendering, job.progress().warnings());
  }

  /** Breaks off what is under way. */
  @Override
  public void close() {
    threads.shutdownNow();
    threads.close();
  }
}
