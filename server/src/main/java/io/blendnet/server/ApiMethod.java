package io.blendnet.server;

/** The methods that endpoints have. HEAD and OPTIONS are answered for them. */
public enum ApiMethod {
  GET,
  POST,
  PUT,
  DELETE
}
