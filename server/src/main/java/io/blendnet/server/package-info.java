/**
 * What the HTTPS servers of Manager and Agent have in common: TLS, sign-in, envelope, the task
 * endpoints of API v1.
 */
@NullMarked
package io.blendnet.server;

import org.jspecify.annotations.NullMarked;
