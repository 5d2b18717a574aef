package snug.services;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import org.apache.lucene.util.BytesRef;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.support.PlainActionFuture;
import org.elasticsearch.action.support.SubscribableListener;
import org.elasticsearch.common.recycler.Recycler;
import org.elasticsearch.http.HttpChannel;
import org.elasticsearch.http.HttpResponse;
import org.elasticsearch.rest.ChunkedRestResponseBodyPart;

/** One request and its answer. */
final class ExchangeChannel implements HttpChannel {
    private static final int PART_BYTES = 64 * 1024;
    private final HttpExchange exchange;
    private final Recycler<BytesRef> recycler;
    private final SubscribableListener<Void> closed = new SubscribableListener<>();

    ExchangeChannel(HttpExchange exchange, Recycler<BytesRef> recycler) {
        this.exchange = exchange;
        this.recycler = recycler;
    }

    @Override
    public void sendResponse(HttpResponse response, ActionListener<Void> listener) {
        try {
            send((ExchangeResponse) response);
            listener.onResponse(null);
        } catch (Exception err) {
            listener.onFailure(err);
        } finally {
            close();
        }
    }

    private void send(ExchangeResponse response) throws IOException {
        boolean isHead = exchange.getRequestMethod().equals("HEAD");
        response.headers.forEach((name, values) -> {
            // The server writes these two itself, but for the length of what HEAD does not send.
            boolean isLength = name.equalsIgnoreCase("content-length");
            if (name.equalsIgnoreCase("transfer-encoding") == false && (isLength == false || isHead))
                exchange.getResponseHeaders().put(name, values);
        });
        if (response.first != null) {
            exchange.sendResponseHeaders(response.status, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                for (var part = response.first; part != null; part = write(part, out)) {}
            }
            return;
        }
        int length = response.content.length();
        // To the server -1 means none at all, and 0 that it is unknown.
        exchange.sendResponseHeaders(response.status, isHead || length == 0 ? -1 : length);
        if (isHead || length == 0) return;
        try (OutputStream out = exchange.getResponseBody()) {
            response.content.writeTo(out);
        }
    }

    private ChunkedRestResponseBodyPart write(ChunkedRestResponseBodyPart part, OutputStream out) throws IOException {
        while (part.isPartComplete() == false) {
            try (var chunk = part.encodeChunk(PART_BYTES, recycler)) {
                chunk.writeTo(out);
            }
        }
        if (part.isLastPart()) return null;
        var next = new PlainActionFuture<ChunkedRestResponseBodyPart>();
        part.getNextPart(next);
        return next.actionGet();
    }

    @Override
    public InetSocketAddress getLocalAddress() {
        return exchange.getLocalAddress();
    }

    @Override
    public InetSocketAddress getRemoteAddress() {
        return exchange.getRemoteAddress();
    }

    @Override
    public void addCloseListener(ActionListener<Void> listener) {
        closed.addListener(listener);
    }

    @Override
    public boolean isOpen() {
        return closed.isDone() == false;
    }

    @Override
    public void close() {
        exchange.close();
        closed.onResponse(null);
    }
}
