package io.blendnet.server;

import io.blendnet.protocol.BlobsMissing;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.LeaseOrder;
import io.blendnet.protocol.MissingBlob;
import io.blendnet.protocol.PackReceipt;
import io.blendnet.protocol.ReportPage;
import io.blendnet.protocol.WorkReport;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The work protocol without any work. */
final class TestingWork implements ApiRoutes {
  static final int THE_END = 99;

  final Set<String> blobs = ConcurrentHashMap.newKeySet();
  final Map<String, ResultFile> deliveries = new ConcurrentHashMap<>();
  final List<LeaseOrder> leases = new CopyOnWriteArrayList<>();
  final List<String> cancelled = new CopyOnWriteArrayList<>();
  final BlockingQueue<WorkReport> reports = new LinkedBlockingQueue<>();
  final AtomicInteger unavailable = new AtomicInteger();
  final CountDownLatch pollBegan = new CountDownLatch(1);
  final CountDownLatch slowBegan = new CountDownLatch(1);
  final CountDownLatch slowMayEnd = new CountDownLatch(1);

  @Override
  public List<ApiRoute> routes() {
    return List.of(
        ApiRoute.of(
                ApiMethod.PUT,
                "work/lease/{lease}",
                "Orders a lease",
                new RouteAnswer.Done(),
                request -> {
                  var order = request.json(LeaseOrder.class);
                  List<MissingBlob> lacking =
                      order.scene().files().values().stream()
                          .filter(blob -> !blobs.contains(blob))
                          .map(blob -> new MissingBlob(blob, 0))
                          .toList();
                  if (!lacking.isEmpty()) {
                    throw new ApiException(
                        ErrorCode.BLOBS_MISSING, "Blobs are missing", new BlobsMissing(lacking));
                  }
                  leases.add(order);
                  return ApiResponse.done("");
                })
            .taking(RouteBody.json(LeaseOrder.class)),
        ApiRoute.of(
                ApiMethod.DELETE,
                "work/lease/{lease}",
                "Cancels a lease",
                new RouteAnswer.Done(),
                request -> {
                  cancelled.add(
                      request.part("lease") + "/" + request.number("attempt").orElseThrow());
                  return ApiResponse.done("");
                })
            .with(new ApiParameter("attempt", "Which attempt", true, 1, Integer.MAX_VALUE)),
        ApiRoute.get(
                "work/report",
                "Reports",
                ReportPage.class,
                request -> {
                  pollBegan.countDown();
                  WorkReport report =
                      reports.poll(request.number("wait_seconds").orElse(0), TimeUnit.SECONDS);
                  long after = request.number("after").orElse(0);
                  return ApiResponse.data(
                      report == null
                          ? new ReportPage("boot", after, List.of())
                          : new ReportPage("boot", after + 1, List.of(report)));
                })
            .with(
                new ApiParameter("after", "The last one taken", false, 0, Long.MAX_VALUE),
                new ApiParameter("wait_seconds", "How long to wait", false, 0, 60)),
        ApiRoute.of(
            ApiMethod.GET,
            "work/delivery/{id}",
            "A delivery",
            new RouteAnswer.File(),
            request -> ApiResponse.file(delivery(request))),
        ApiRoute.of(
            ApiMethod.DELETE,
            "work/delivery/{id}",
            "Gives a delivery up",
            new RouteAnswer.Done(),
            request -> {
              delivery(request);
              deliveries.remove(request.part("id"));
              return ApiResponse.done("");
            }),
        ApiRoute.get(
            "resources",
            "Not there at first",
            PackReceipt.class,
            _ -> {
              if (unavailable.getAndDecrement() > 0) {
                throw new ApiException(ErrorCode.UNAVAILABLE, "Not yet");
              }
              return ApiResponse.data(
                  Map.of(
                      "manager",
                      Map.of("id", "1", "name", "m", "started", true, "stopped", false),
                      "agents",
                      Map.of()));
            }),
        ApiRoute.get(
            "slow",
            "Takes until it may end",
            PackReceipt.class,
            _ -> {
              slowBegan.countDown();
              slowMayEnd.await();
              return ApiResponse.data(new PackReceipt(THE_END));
            }));
  }

  private ResultFile delivery(ApiRequest request) {
    ResultFile file = deliveries.get(request.part("id"));
    if (file == null) {
      throw new ApiException(ErrorCode.DELIVERY_NOT_FOUND, "There is no such delivery");
    }
    return file;
  }
}
