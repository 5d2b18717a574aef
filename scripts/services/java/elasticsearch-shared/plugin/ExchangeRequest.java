package snug.services;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.elasticsearch.common.bytes.BytesArray;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.http.HttpBody;
import org.elasticsearch.http.HttpRequest;
import org.elasticsearch.http.HttpResponse;
import org.elasticsearch.rest.ChunkedRestResponseBodyPart;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestStatus;

/** A request whose body has been read. */
final class ExchangeRequest implements HttpRequest {
    private final RestRequest.Method method;
    private final String uri;
    private final HttpVersion version;
    private final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final Exception wrong;
    private HttpBody body = HttpBody.empty();

    ExchangeRequest(HttpExchange exchange, long maxLength) throws IOException {
        headers.putAll(exchange.getRequestHeaders());
        uri = exchange.getRequestURI().toString();
        version = exchange.getProtocol().endsWith("1.0") ? HttpVersion.HTTP_1_0 : HttpVersion.HTTP_1_1;
        RestRequest.Method known = null;
        Exception refused = null;
        try {
            known = RestRequest.Method.valueOf(exchange.getRequestMethod());
        } catch (IllegalArgumentException err) {
            refused = err;
        }
        method = known;
        boolean zipped = "gzip".equalsIgnoreCase(header("content-encoding"));
        try (InputStream in = zipped ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody()) {
            byte[] bytes = in.readNBytes((int) Math.min(Integer.MAX_VALUE - 16, maxLength + 1));
            if (bytes.length > maxLength) refused = new IllegalArgumentException("the request is too large");
            else body = HttpBody.fromBytesReference(new BytesArray(bytes));
        }
        if (zipped) headers.remove("content-encoding");
        wrong = refused;
    }

    private ExchangeRequest(ExchangeRequest from, String without) {
        method = from.method;
        uri = from.uri;
        version = from.version;
        wrong = from.wrong;
        body = from.body;
        headers.putAll(from.headers);
        headers.remove(without);
    }

    @Override
    public RestRequest.Method method() {
        if (method == null) throw new IllegalArgumentException("unknown HTTP method");
        return method;
    }

    @Override
    public String uri() {
        return uri;
    }

    @Override
    public Map<String, List<String>> getHeaders() {
        return headers;
    }

    @Override
    public HttpBody body() {
        return body;
    }

    // Not @Override, this and the next: Elasticsearch 8 does not ask for them.
    public void setBody(HttpBody body) {
        this.body = body;
    }

    public boolean hasContent() {
        return body.isStream() || body.asFull().bytes().length() > 0;
    }

    @Override
    public List<String> strictCookies() {
        return List.of();
    }

    @Override
    public HttpVersion protocolVersion() {
        return version;
    }

    @Override
    public HttpRequest removeHeader(String header) {
        return new ExchangeRequest(this, header);
    }

    @Override
    public HttpResponse createResponse(RestStatus status, BytesReference content) {
        return new ExchangeResponse(status.getStatus(), content, null);
    }

    @Override
    public HttpResponse createResponse(RestStatus status, ChunkedRestResponseBodyPart first) {
        return new ExchangeResponse(status.getStatus(), null, first);
    }

    @Override
    public Exception getInboundException() {
        return wrong;
    }

    @Override
    public void release() {}
}
