package io.blendnet.manager;

import io.blendnet.domain.FarmRules;
import io.blendnet.domain.TaskState;
import io.blendnet.protocol.ResourceInfo;
import io.blendnet.protocol.ServerInfo;
import io.blendnet.security.PrivateFiles;
import io.blendnet.server.ApiServer;
import io.blendnet.server.BlobEndpoints;
import io.blendnet.server.CallWatch;
import io.blendnet.server.EndWatch;
import io.blendnet.server.InfoEndpoints;
import io.blendnet.server.LogBuffer;
import io.blendnet.server.ServerFacts;
import io.blendnet.server.ServerOptions;
import io.blendnet.server.TaskEndpoints;
import io.blendnet.storage.FileBlobStore;
import io.blendnet.storage.SqliteFarmStore;
import io.blendnet.storage.spi.BlobStore;
import io.blendnet.storage.spi.FarmStore;
import io.blendnet.storage.spi.TaskRow;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Manager: owns tasks and agents, has frames rendered, keeps the results. Everything it knows
 * lies in its data folder; started again there, it goes on.
 */
public final class ManagerServer implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(ManagerServer.class);

  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration COLLECTION = Duration.ofMinutes(10);
  private static final Duration NEVER = Duration.ofSeconds(Long.MAX_VALUE);

  private final ApiServer server;
  private final Facts facts;

  private final CompletableFuture<String> endAsked = new CompletableFuture<>();

  /** What is to be closed, the last opened first. */
  private final Deque<Closeable> opened = new ArrayDeque<>();

  private ManagerServer(ManagerOptions options, LogBuffer log, InstantSource clock)
      throws IOException {
    try {
      Path folder = options.folder();
      FarmStore store = open(SqliteFarmStore.open(folder));
      BlobStore blobs =
          open(
              FileBlobStore.open(
                  folder.resolve(FileBlobStore.FOLDER), options.storage().limit(), clock));
      Frames frames = open(new Frames(folder.resolve("frames"), blobs));
      FarmIdentity farm = FarmIdentity.begin(store);
      Deliveries deliveries = new Deliveries(folder.resolve("incoming"), blobs, store, frames);
      LeaseOrders orders = new LeaseOrders(farm, store);
      deliveries.sweepAll();
      Previews previews = new Previews(frames, clock);
      Dispatch dispatch = new Dispatch(frames, orders, deliveries, previews);
      FarmLoop loop =
          open(FarmLoop.start(store, dispatch, rules(options), clock, System::nanoTime));
      var _ = loop.broken().thenAccept(endAsked::completeExceptionally);
      AgentDesk agents =
          open(new AgentDesk(store, loop, farm, options.authority(), orders, deliveries));
      dispatch.open(loop, agents);
      UnusedBlobs unused =
          new UnusedBlobs(loop, store, blobs, options.storage().keepUnused(), clock);
      TaskDesk tasks =
          new TaskDesk(loop, store, frames, orders, deliveries, previews, agents, unused);
      this.facts = new Facts(options, loop);
      tasks.resume();
      CallWatch changes = new CallWatch(route -> !route.browserSafe(), Set.of());
      Instant started = clock.instant();
      this.server =
          ApiServer.start(
              ServerOptions.of(
                  options.host(),
                  options.port(),
                  options.identity(),
                  options.user(),
                  "BlendNet Manager",
                  folder),
              new InfoEndpoints(facts, log),
              changes.over(new TaskEndpoints(tasks)),
              changes.over(new BlobEndpoints(new UserBlobs(blobs, unused))),
              changes.over(new FarmEndpoints(agents, tasks, () -> machine(options, started))));
      opened.push(server::close);
      agents.connect();
      options.stopWhenIdle().ifPresent(limit -> endWhenIdle(limit, loop, changes));
      open(new Ticks(loop::tick, TICK));
      open(new Ticks(unused::collect, COLLECTION));
    } catch (IOException | RuntimeException e) {
      closeAll();
      throw e;
    }
    LOG.info("The Manager listens on {}:{}", options.host(), server.port());
  }

  private static FarmRules rules(ManagerOptions options) {
    FarmRules standard = FarmRules.DEFAULT;
    Duration idle = options.agentIdle().isZero() ? NEVER : options.agentIdle();
    return new FarmRules(standard.silence(), idle, standard.ahead());
  }

  private void endWhenIdle(Duration limit, FarmLoop loop, CallWatch changes) {
    IdleStop stop =
        new IdleStop(
            limit,
            System::nanoTime,
            () -> loop.snapshot().rows().values().stream().anyMatch(ManagerServer::isActive),
            changes::hasHeard);
    opened.push(EndWatch.start(stop::look, endAsked::complete));
  }

  /** A task that its user holds back goes on when the Manager is started again. */
  private static boolean isActive(TaskRow row) {
    return row.state().isActive() && !row.paused();
  }

  private <T extends Closeable> T open(T part) {
    opened.push(part);
    return part;
  }

  /**
   * Starts a Manager.
   *
   * @param log what {@code GET log} shows
   * @throws IOException its folder is in use or cannot be written, or its port is taken: the
   *     message says which
   */
  public static ManagerServer start(ManagerOptions options, LogBuffer log) throws IOException {
    PrivateFiles.createFolder(options.folder());
    return new ManagerServer(options, log, InstantSource.system());
  }

  /** The port that it listens on. */
  public int port() {
    return server.port();
  }

  /**
   * Completes, with the reason in words, when nothing has been to do for as long as the options
   * say; exceptionally, with an {@link IOException}, when it cannot go on. Whoever started the
   * Manager is to {@link #close} it then.
   */
  public CompletionStage<String> endAsked() {
    return endAsked.minimalCompletionStage();
  }

  /** Ends in order: no more requests, agents let go, what is decided stored. */
  @Override
  public void close() {
    facts.terminating = true;
    closeAll();
    LOG.info("The Manager has ended");
  }

  private void closeAll() {
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (IOException e) {
        LOG.warn("Something did not close in order: {}", Reason.of(e));
      }
    }
  }

  private static ResourceInfo.ManagerMachine machine(ManagerOptions options, Instant started) {
    return new ResourceInfo.ManagerMachine(
        options.name(),
        options.name(),
        Optional.of(options.host()),
        Optional.of(options.host()),
        Optional.empty(),
        true,
        false,
        Optional.of(started.toString()));
  }

  private static final class Facts implements ServerFacts {
    private final ManagerOptions options;
    private final FarmLoop loop;
    volatile boolean terminating;

    Facts(ManagerOptions options, FarmLoop loop) {
      this.options = options;
      this.loop = loop;
    }

    @Override
    public String engine() {
      return "Manager";
    }

    @Override
    public String version() {
      return options.version();
    }

    @Override
    public Optional<ServerInfo.BlenderInfo> blender() {
      return options.blender();
    }

    @Override
    public List<String> runningTasks() {
      return loop.snapshot().tasks().values().stream()
          .filter(task -> task.state() == TaskState.RUNNING)
          .map(task -> task.name().value())
          .sorted()
          .toList();
    }

    @Override
    public boolean isTerminating() {
      return terminating;
    }

    @Override
    public Optional<String> trouble() {
      return loop.trouble();
    }

    @Override
    public Path dataFolder() {
      return options.folder();
    }
  }
}
