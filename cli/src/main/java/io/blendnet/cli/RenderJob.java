package io.blendnet.cli;

import io.blendnet.agent.ScenePolicy;
import io.blendnet.blender.BlenderInstallation;
import io.blendnet.domain.TaskName;
import io.blendnet.domain.TaskState;
import io.blendnet.protocol.FarmException;
import io.blendnet.protocol.ManagerClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A render from its request to its pictures: what {@code render} and {@code demo} do. */
final class RenderJob {
  private final Map<String, String> environment;
  private final InstantSource clock;
  private final ProgressDisplay display;
  private final ExitGuard guard;

  /**
   * What a render took and gave.
   *
   * @param preparing from the start until the first task was sent
   * @param rendering from then until the last picture was saved
   */
  record Outcome(
      InspectedScene scene,
      List<FrameResult> results,
      List<String> remarks,
      Duration preparing,
      Duration rendering) {
    boolean isComplete() {
      return results.stream().allMatch(result -> result instanceof FrameResult.Saved);
    }
  }

  RenderJob(
      Map<String, String> environment,
      InstantSource clock,
      ProgressDisplay display,
      ExitGuard guard) {
    this.environment = environment;
    this.clock = clock;
    this.display = display;
    this.guard = guard;
  }

  Outcome run(RenderRequest request) throws CommandException, InterruptedException {
    Instant begin = clock.instant();
    SceneInspection.requireScene(request.blend());
    OutputFolder output = guard.keep(OutputFolder.prepare(request.output()));
    PrivateWorkspace workspace = workspace();
    Logging logging = Logging.begin().toFile(workspace.folder().resolve("blendnet.log"));
    BlenderInstallation blender = Blenders.find(request.blender(), environment);
    display.say("Opens %s with Blender %s".formatted(request.blend(), blender.versionString()));

    // The scene loads while the farm starts; both take a second or more.
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Farm> starting =
          threads.submit(() -> farm(request, workspace.folder(), blender, logging));
      InspectedScene scene;
      try {
        scene =
            new SceneInspection(blender, workspace.folder().resolve("inspection")).inspect(request);
      } catch (CommandException e) {
        starting.cancel(true);
        throw e;
      }
      List<String> remarks = scene.check(request.allowMissing(), request.trustScripts());
      remarks.forEach(display::say);
      display.say(summary(scene));
      Farm farm = result(starting);
      display.say("Renders on " + farm.description());

      Instant ready = clock.instant();
      var hashes = KnownHashes.open(UserFolders.cache(environment), clock);
      try (var run = new RenderRun(farm, request, scene, output, display, clock, hashes)) {
        guard.keep(() -> stopTasks(farm, request, run.tasks()));
        List<FrameResult> results = run.run();
        return new Outcome(
            scene,
            results,
            remarks,
            Duration.between(begin, ready),
            Duration.between(ready, clock.instant()));
      }
    }
  }

  private Farm farm(
      RenderRequest request, Path folder, BlenderInstallation blender, Logging logging)
      throws CommandException, InterruptedException {
    if (request.manager().isPresent()) {
      return guard.keep(RemoteFarm.connect(request.manager().get()));
    }
    return LocalFarm.start(
        folder,
        request.home(),
        request.agents().orElse(1),
        blender,
        scenes(request),
        logging.toBuffer(),
        guard);
  }

  /**
   * Whoever trusts a file on their own computer has its scripts do here what they do in their own
   * Blender; all other scenes are kept in the sandbox, where there is one.
   */
  private static ScenePolicy scenes(RenderRequest request) {
    return request.trustScripts()
        ? new ScenePolicy(
            ScenePolicy.SandboxUse.OFF, ScenePolicy.Scripts.UNCONFINED, true, List.of())
        : ScenePolicy.DEFAULT;
  }

  private static Farm result(Future<Farm> starting) throws CommandException, InterruptedException {
    try {
      return starting.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case CommandException reason -> throw reason;
        case null, default -> throw new IllegalStateException("The farm does not start", e);
      }
    }
  }

  private PrivateWorkspace workspace() throws CommandException {
    Path cache = UserFolders.cache(environment);
    try {
      return guard.keep(PrivateWorkspace.createIn(cache));
    } catch (IOException e) {
      throw CommandException.environment(
          "Nothing can be written to %s: %s. Name another folder with XDG_CACHE_HOME."
              .formatted(cache, e.getMessage()));
    }
  }

  private static String summary(InspectedScene scene) {
    var facts = scene.facts();
    return "%s of %dx%d pixels, %s%s"
        .formatted(
            ProgressText.count(scene.frames().size(), "frame"),
            facts.size().width(),
            facts.size().height(),
            facts.engine().equals("CYCLES")
                ? "Cycles, %s a pixel%s"
                    .formatted(
                        ProgressText.count(facts.samples(), "sample"),
                        facts.adaptive() ? " at most (adaptive)" : "")
                : facts.engine(),
            scene.filesToSend().isEmpty()
                ? ""
                : ", "
                    + ProgressText.count(scene.filesToSend().size(), "file")
                    + " beside the .blend");
  }

  /** A Manager of others' does not go on for somebody who has gone, nor keep what it was sent. */
  private static void stopTasks(Farm farm, RenderRequest request, List<TaskName> tasks) {
    if (request.manager().isEmpty()) {
      return;
    }
    try {
      for (TaskName task : tasks) {
        stopTask(farm.manager(), task);
      }
    } catch (FarmException e) {
      // The Manager is gone too.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void stopTask(ManagerClient manager, TaskName task)
      throws FarmException, InterruptedException {
    try {
      TaskState state = manager.task(task).state();
      if (state.isActive()) {
        manager.stop(task);
      }
      if (state.isActive() || state == TaskState.CREATED) {
        manager.remove(task);
      }
    } catch (FarmException.Refused e) {
      // Never sent, or it ended just now.
    }
  }
}
