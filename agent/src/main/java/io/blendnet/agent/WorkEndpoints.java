package io.blendnet.agent;

import io.blendnet.protocol.AgentClient;
import io.blendnet.protocol.AttachedAgent;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.HeldLease;
import io.blendnet.protocol.LeaseOrder;
import io.blendnet.protocol.ManagerIdentity;
import io.blendnet.protocol.ReportPage;
import io.blendnet.protocol.StealOrder;
import io.blendnet.protocol.StolenCells;
import io.blendnet.protocol.WorkReport;
import io.blendnet.server.ApiException;
import io.blendnet.server.ApiMethod;
import io.blendnet.server.ApiParameter;
import io.blendnet.server.ApiRequest;
import io.blendnet.server.ApiResponse;
import io.blendnet.server.ApiRoute;
import io.blendnet.server.ApiRoutes;
import io.blendnet.server.ResultFile;
import io.blendnet.server.RouteAnswer;
import io.blendnet.server.RouteBody;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The work protocol: what a Manager asks of an agent beside API v1. */
final class WorkEndpoints implements ApiRoutes {
  /** A scene of tens of thousands of files. */
  private static final int LEASE_LIMIT = 16 << 20;

  private static final String EXR = "image/x-exr";

  private final FarmOwnership ownership;
  private final LeaseDesk desk;
  private final DeliveryShelf shelf;
  private final ReportLog reports;
  private final AgentFacts facts;
  private final Runnable onEnd;

  /**
   * @param onEnd takes the word that the agent is to end, and returns at once
   */
  WorkEndpoints(
      FarmOwnership ownership,
      LeaseDesk desk,
      DeliveryShelf shelf,
      ReportLog reports,
      AgentFacts facts,
      Runnable onEnd) {
    this.facts = facts;
    this.onEnd = onEnd;
    this.ownership = ownership;
    this.desk = desk;
    this.shelf = shelf;
    this.reports = reports;
  }

  @Override
  public List<ApiRoute> routes() {
    RouteAnswer done = new RouteAnswer.Done();
    return List.of(
        ApiRoute.of(
            ApiMethod.POST,
            "work/attach",
            "Takes the agent over for the Manager that the header X-BlendNet-Manager names",
            new RouteAnswer.Data(AttachedAgent.class),
            this::attach),
        ApiRoute.of(
                ApiMethod.PUT,
                "work/lease/{lease}",
                "Orders a lease; repeating the same is a success",
                done,
                this::putLease)
            .taking(new RouteBody.Json(LeaseOrder.class, LEASE_LIMIT)),
        ApiRoute.of(
                ApiMethod.DELETE,
                "work/lease/{lease}",
                "Cancels a lease: no further step begins, undelivered results are dropped",
                done,
                this::cancelLease)
            .with(new ApiParameter("attempt", "attempt of the lease", true, 1, Integer.MAX_VALUE)),
        ApiRoute.of(
                ApiMethod.POST,
                "work/lease/{lease}/steal",
                "Gives those of these cells back that have not been begun",
                new RouteAnswer.Data(StolenCells.class),
                this::steal)
            .taking(new RouteBody.Json(StealOrder.class, LEASE_LIMIT)),
        ApiRoute.of(
            ApiMethod.POST,
            "work/end",
            "Ends the agent in order, as SIGTERM does",
            done,
            this::end),
        ApiRoute.get(
                "work/report",
                "Reports after a number; waits when there are none yet",
                ReportPage.class,
                this::reports)
            .with(
                new ApiParameter(
                    "after",
                    "number of the last report that has arrived; 0: none",
                    true,
                    0,
                    Long.MAX_VALUE),
                new ApiParameter(
                    "wait_seconds",
                    "how long to wait for a report",
                    false,
                    0,
                    AgentClient.REPORT_WAIT_LIMIT.toSeconds())),
        ApiRoute.of(
            ApiMethod.GET,
            "work/delivery/{id}",
            "A finished file",
            new RouteAnswer.File(),
            this::delivery),
        ApiRoute.of(
            ApiMethod.DELETE,
            "work/delivery/{id}",
            "Gives a finished file up, once it is stored",
            done,
            this::deleteDelivery));
  }

  private ApiResponse attach(ApiRequest request) {
    ManagerIdentity manager = manager(request);
    AttachedAgent attached =
        ownership.attach(
            manager,
            () ->
                new AttachedAgent(
                    reports.boot(),
                    facts.cores(),
                    facts.memory(),
                    Optional.of(facts.blenderVersion()),
                    reports.newest(),
                    heldLeases(manager.farm()),
                    facts.isTerminating()));
    // Whoever gave the orders until now is not to wait for reports any longer.
    reports.sendHome();
    return ApiResponse.data(attached);
  }

  /** Leases of which something is still to come, to be fetched or to be told. */
  private List<HeldLease> heldLeases(String farm) {
    Map<Long, HeldLease> leases = new TreeMap<>();
    // In this order: a cell that is reported in between is met twice instead of not at all.
    desk.unfinishedOf(farm).forEach(lease -> leases.put(lease.lease(), lease));
    for (WorkReport.OfLease report : reports.awaited()) {
      List<Integer> cells =
          switch (report) {
            case WorkReport.Rendered rendered -> List.of(rendered.cell());
            case WorkReport.Failed failed -> failed.cell().stream().toList();
            default -> List.of();
          };
      leases.merge(
          report.lease(),
          new HeldLease(report.task(), report.lease(), report.attempt(), cells),
          WorkEndpoints::joined);
    }
    return List.copyOf(leases.values());
  }

  private static HeldLease joined(HeldLease one, HeldLease other) {
    List<Integer> cells =
        Stream.concat(one.cells().stream(), other.cells().stream()).distinct().sorted().toList();
    return new HeldLease(one.task(), one.lease(), one.attempt(), cells);
  }

  private static ManagerIdentity manager(ApiRequest request) {
    return request
        .header(ManagerIdentity.HEADER)
        .flatMap(ManagerIdentity::parse)
        .orElseThrow(() ->
            new ApiException(
                ErrorCode.INVALID_REQUEST,
                "The header %s must name the Manager: FARM;EPOCH;START"
                    .formatted(ManagerIdentity.HEADER)));
  }

  /**
   * Lets only those send files whom they are for: the owner, and while there is none, users with
   * tasks for the agent alone.
   *
   * @throws ApiException it is somebody else
   */
  void requireSender(ApiRequest request) {
    if (request.header(ManagerIdentity.HEADER).isPresent()) {
      requireOwner(request);
    } else {
      ownership.requireNone();
    }
  }

  /** Refuses whoever does not own the agent. */
  private void requireOwner(ApiRequest request) {
    ownership.require(manager(request));
  }

  private ApiResponse end(ApiRequest request) throws IOException {
    return ownership.obey(
        manager(request),
        () -> {
          onEnd.run();
          return ApiResponse.done("The agent ends in order");
        });
  }

  private ApiResponse putLease(ApiRequest request) throws IOException {
    ManagerIdentity manager = manager(request);
    ownership.require(manager);
    LeaseOrder order = request.json(LeaseOrder.class);
    if (!order.farm().equals(manager.farm())) {
      throw new ApiException(ErrorCode.INVALID_FIELD, "'farm' differs from the Manager's farm");
    }
    if (!request.part("lease").equals(Long.toString(order.lease()))) {
      throw new ApiException(
          ErrorCode.INVALID_FIELD, "'lease' differs from the number in the path");
    }
    return ownership.obey(
        manager,
        () -> {
          desk.order(order, reports);
          return ApiResponse.done("The lease is taken");
        });
  }

  private ApiResponse cancelLease(ApiRequest request) throws IOException {
    ManagerIdentity manager = manager(request);
    LeaseKey lease = new LeaseKey(manager.farm(), leaseNumber(request.part("lease")));
    int attempt = Math.toIntExact(request.number("attempt").orElseThrow());
    return ownership.obey(
        manager,
        () -> {
          desk.cancel(lease, attempt);
          return ApiResponse.done("The lease is cancelled");
        });
  }

  private ApiResponse steal(ApiRequest request) throws IOException {
    ManagerIdentity manager = manager(request);
    LeaseKey lease = new LeaseKey(manager.farm(), leaseNumber(request.part("lease")));
    StealOrder order = request.json(StealOrder.class);
    Set<Integer> stolen =
        ownership.obey(manager, () -> desk.steal(lease, order.attempt(), order.cells()));
    return ApiResponse.data(new StolenCells(stolen.stream().sorted().toList()));
  }

  private ApiResponse reports(ApiRequest request) throws InterruptedException {
    requireOwner(request);
    long after = request.number("after").orElseThrow();
    Duration wait = Duration.ofSeconds(request.number("wait_seconds").orElse(0));
    ReportPage page = reports.read(after, wait);
    // Another Manager may have taken the agent over meanwhile.
    requireOwner(request);
    return ApiResponse.data(page);
  }

  private ApiResponse delivery(ApiRequest request) {
    requireOwner(request);
    return shelf
        .ask(request.part("id"))
        .map(shelved ->
            ApiResponse.file(
                ResultFile.known(
                    shelved.file(), shelved.sums().size(), shelved.sums().id().sha256(), EXR)))
        .orElseThrow(WorkEndpoints::noDelivery);
  }

  private ApiResponse deleteDelivery(ApiRequest request) throws IOException {
    return ownership.obey(
        manager(request),
        () -> {
          if (!shelf.giveUp(request.part("id"))) {
            throw noDelivery();
          }
          return ApiResponse.done("The delivery is removed");
        });
  }

  private static ApiException noDelivery() {
    return new ApiException(
        ErrorCode.DELIVERY_NOT_FOUND, "There is no such delivery, or it was given up before");
  }

  private static long leaseNumber(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new ApiException(ErrorCode.INVALID_REQUEST, "A lease is named by its number");
    }
  }
}
