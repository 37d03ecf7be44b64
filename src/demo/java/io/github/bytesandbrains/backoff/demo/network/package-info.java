/** The peers, their sockets, and the client that sends to them. */
@NullMarked
package io.github.bytesandbrains.backoff.demo.network;

import org.jspecify.annotations.NullMarked;
