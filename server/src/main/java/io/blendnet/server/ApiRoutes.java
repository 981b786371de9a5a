package io.blendnet.server;

import java.util.List;

/** Endpoints that belong together. */
public interface ApiRoutes {
  List<ApiRoute> routes();
}
