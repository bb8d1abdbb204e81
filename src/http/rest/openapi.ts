export const openApi = { openapi: '3.1.0' } as const;
