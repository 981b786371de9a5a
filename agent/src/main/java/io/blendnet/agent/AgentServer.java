package io.blendnet.agent;

import io.blendnet.blender.HostMemory;
import io.blendnet.blender.HostSystem;
import io.blendnet.blender.SessionSettings;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.security.FolderTree;
import io.blendnet.server.ApiServer;
import io.blendnet.server.BlobEndpoints;
import io.blendnet.server.CallWatch;
import io.blendnet.server.CannotListenException;
import io.blendnet.server.EndWatch;
import io.blendnet.server.InfoEndpoints;
import io.blendnet.server.LogBuffer;
import io.blendnet.server.ServerOptions;
import io.blendnet.server.TaskEndpoints;
import io.blendnet.storage.FileBlobStore;
import io.blendnet.storage.FolderLock;
import io.blendnet.storage.spi.FolderInUseException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An agent: renders what a Manager leases to it, and tasks that a user gives to it by API v1 alone.
 * Thread-safe.
 *
 * <p>Blobs stay in the data folder from one start to the next; leases, deliveries and the agent's
 * own tasks end with it.
 */
public final class AgentServer implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(AgentServer.class);
  private static final String LOCK_FILE = "agent.lock";

  /** Managers that the agent does not work for. */
  private static final Set<ErrorCode> STRANGERS =
      Set.of(ErrorCode.OTHER_FARM, ErrorCode.STALE_EPOCH, ErrorCode.NOT_ATTACHED);

  private final ApiServer api;
  private final AgentParts parts;
  private final EndNotice notice;
  private final OrderlyEnd end;
  private final LeaseDesk desk;
  private final ReportLog reports;
  private final CompletableFuture<String> endAsked;
  private boolean closed;

  private AgentServer(
      ApiServer api,
      AgentParts parts,
      EndNotice notice,
      OrderlyEnd end,
      LeaseDesk desk,
      ReportLog reports,
      CompletableFuture<String> endAsked) {
    this.api = api;
    this.parts = parts;
    this.notice = notice;
    this.end = end;
    this.desk = desk;
    this.reports = reports;
    this.endAsked = endAsked;
  }

  /** What is to be closed in the end, the latest first. */
  private static final class AgentParts implements Closeable {
    private final Deque<Closeable> parts = new ArrayDeque<>();

    <T extends Closeable> T add(T part) {
      parts.push(part);
      return part;
    }

    @Override
    public void close() {
      while (!parts.isEmpty()) {
        try {
          parts.pop().close();
        } catch (IOException e) {
          LOG.warn("A part of the agent did not close: {}", e.toString());
        }
      }
    }
  }

  /**
   * Starts an agent: when this returns, it takes requests. What an earlier one left unfinished in
   * the data folder is swept away.
   *
   * @param log what {@code GET log} shows
   * @throws FolderInUseException another agent runs on the data folder
   * @throws CannotListenException the port is taken, or the address is not this machine's
   * @throws IOException the data folder cannot be used
   */
  public static AgentServer start(AgentOptions options, LogBuffer log) throws IOException {
    return start(options, log, ShelfRoom::diskOf, HostSystem.current()::memory);
  }

  /**
   * @param disk measures the disk of the shelf
   * @param memory measures the machine's memory
   */
  static AgentServer start(
      AgentOptions options,
      LogBuffer log,
      Function<DeliveryShelf, ShelfRoom.Gauge> disk,
      Supplier<HostMemory> memory)
      throws IOException {
    AgentParts parts = new AgentParts();
    try {
      return start(options, log, disk, memory, parts);
    } catch (IOException | RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  private static AgentServer start(
      AgentOptions options,
      LogBuffer log,
      Function<DeliveryShelf, ShelfRoom.Gauge> disk,
      Supplier<HostMemory> memory,
      AgentParts parts)
      throws IOException {
    Path data = options.dataFolder();
    parts.add(FolderLock.take(data, LOCK_FILE));
    long started = System.nanoTime();
    Path blobFolder = data.resolve("blobs");
    BlobCache blobs =
        parts.add(
            new BlobCache(
                FileBlobStore.open(blobFolder),
                blobFolder,
                options.limits().blobBytes(),
                () -> Instant.EPOCH.plusNanos(System.nanoTime() - started)));
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("agent-timer").factory());
    parts.add(timer::shutdownNow);
    DeliveryPace deliveryPace = new DeliveryPace();
    DeliveryShelf shelf = new DeliveryShelf(data.resolve("deliveries"), deliveryPace);
    ShelfRoom room =
        new ShelfRoom(shelf, deliveryPace, options.limits().notice(), disk.apply(shelf));
    EndNotice notice = new EndNotice();
    ScenePace scenePace = new ScenePace();
    ReportLog reports = new ReportLog(shelf::has);
    LeaseQueue queue = new LeaseQueue(options.limits().waitingLeases());
    LeaseDesk desk = new LeaseDesk(queue, blobs, shelf, timer);
    StandAloneTasks tasks =
        parts.add(
            new StandAloneTasks(
                options.name(),
                desk,
                shelf,
                blobs,
                FolderTree.emptied(data.resolve("tasks")),
                options.threads(),
                InstantSource.system()));
    CellFinisher finisher = parts.add(new CellFinisher(shelf, room, scenePace));
    SpareBlender spare =
        parts.add(new SpareBlender(starter(options, FolderTree.emptied(data.resolve("sessions")))));
    SceneOpener opener =
        new SceneOpener(
            spare, blobs, FolderTree.emptied(data.resolve("workspaces")), options.threads());
    SceneAhead ahead = new SceneAhead(opener);
    SceneSessions sessions = new SceneSessions(opener, ahead);
    Forecast forecast = new Forecast(notice, scenePace, deliveryPace, shelf);
    Worker worker =
        parts.add(
            new Worker(
                queue,
                sessions,
                spare,
                finisher,
                shelf,
                room,
                forecast,
                blobs,
                timer,
                options.limits().sceneIdle(),
                desk::left));
    desk.serve(worker);
    NextScene next = parts.add(new NextScene(queue, worker, forecast, sessions, ahead, memory));
    CompletableFuture<String> endAsked = new CompletableFuture<>();
    AgentFacts facts = new AgentFacts(options, notice, desk, tasks);
    CallWatch calls = new CallWatch(_ -> true, STRANGERS);
    DeadMansSwitch deadMansSwitch =
        new DeadMansSwitch(
            options.limits().unavailable(), System::nanoTime, calls::hasHeard, tasks::areAtWork);
    WorkEndpoints work =
        new WorkEndpoints(
            new FarmOwnership(),
            desk,
            shelf,
            reports,
            facts,
            () -> endAsked.complete("A Manager ends it"));
    ApiServer api =
        ApiServer.start(
            ServerOptions.of(
                options.host(),
                options.port(),
                options.identity(),
                options.user(),
                "BlendNet Agent",
                blobFolder),
            new InfoEndpoints(facts, log),
            new TaskEndpoints(tasks),
            calls.over(work),
            calls.over(new BlobEndpoints(blobs, work::requireSender)));
    parts.add(
        EndWatch.start(
            deadMansSwitch::look,
            reason -> {
              // Nobody is there to deliver to: rendering stops at once.
              var _ = notice.give(Duration.ZERO);
              endAsked.complete(reason);
            }));
    worker.start();
    next.start();
    LOG.info("Agent {} listens on {}:{}", options.name(), options.host(), api.port());
    OrderlyEnd end = new OrderlyEnd(notice, desk, worker, shelf, reports);
    return new AgentServer(api, parts, notice, end, desk, reports, endAsked);
  }

  private static BlenderStarter starter(AgentOptions options, Path folder) {
    return () ->
        LiveBlender.start(
            options.blender(),
            new SessionSettings(
                folder.resolve(UUID.randomUUID().toString()),
                options.threads(),
                options.limits().deadlines()));
  }

  /** The port that the agent listens on. */
  public int port() {
    return api.port();
  }

  /** Whether a Manager waits for reports at this moment. */
  boolean isWaitedForReports() {
    return reports.isWaitedFor();
  }

  /**
   * Completes, with the reason in words, when a Manager has asked that the agent end, or none has
   * talked to it for as long as its limits say. Whoever started the agent is to {@link #terminate}
   * and {@link #close} it then.
   */
  public CompletionStage<String> endAsked() {
    return endAsked.minimalCompletionStage();
  }

  /**
   * Prepares for the end: takes no further lease, begins no cell that could not be delivered
   * before, and gives the others back. On return all is delivered, or the notice is over, or {@link
   * #close} was called.
   *
   * @param reason a sentence for the user
   * @param length after which the agent ends at the latest; a notice given before stands
   */
  public void terminate(String reason, Duration length) throws InterruptedException {
    end.await(reason, length);
  }

  /**
   * Ends the agent at once: takes no further lease, sends waiting callers home, ends Blender with
   * the cell in progress. On return no process of it is left.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    end.cutShort();
    var _ = notice.give(Duration.ZERO);
    desk.close();
    reports.close();
    api.close();
    parts.close();
    LOG.info("The agent has ended");
  }
}
