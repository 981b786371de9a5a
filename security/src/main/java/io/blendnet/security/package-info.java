/** The farm's certificate authority, certificates, credentials and password checks. */
@NullMarked
package io.blendnet.security;

import org.jspecify.annotations.NullMarked;
