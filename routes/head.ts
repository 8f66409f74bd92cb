/**
 * Keeps an answer to HEAD from telling a length that GET would not: Hono answers with no body, of
 * which the HTTP server would say that it has 0 bytes. Of a stream it says nothing.
 */
export async function answerHead(answer: Response | Promise<Response>): Promise<Response> {
  const response = await answer;
  if (!response.ok || response.headers.has("content-length")) return response;
  return new Response(new Blob([]).stream(), response);
}
